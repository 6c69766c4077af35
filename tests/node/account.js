// Signs the core of Stremio's own apps in to an account, and marks an episode as watched there:
// node account.js API_URL EMAIL PASSWORD TRANSPORT_URL SERIES_ID VIDEO_ID. Prints one JSON object: the addons it
// pulled, the episodes that it takes for watched, and the item of the library that it pushed.
const fs = require('fs')
const path = require('path')

const [apiUrl, email, password, transportUrl, seriesId, videoId] = process.argv.slice(2)

const storage = new Map()
globalThis.self = globalThis
globalThis.document = { baseURI: 'http://127.0.0.1/' }
globalThis.location = new URL('http://127.0.0.1/')
globalThis.WorkerGlobalScope = class { static [Symbol.hasInstance]() { return true } }
globalThis.navigator = { language: 'en' }
self.app_version = '5.0.0'
self.shell_version = null
self.get_location_hash = async () => ''
self.local_storage_get_item = async (key) => storage.get(key) ?? null
self.local_storage_set_item = async (key, value) => { storage.set(key, value) }
self.local_storage_remove_item = async (key) => { storage.delete(key) }

// What the core asks Stremio is asked of the account API in the test: nothing outside this machine is ever called.
const realFetch = globalThis.fetch
let pushed
const push = new Promise((resolve) => { pushed = resolve })
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init)
  const url = new URL(request.url)
  if (url.hostname === 'api.strem.io') {
    const body = await request.text()
    const answer = await realFetch(apiUrl + url.pathname, { method: 'POST', body })
    if (url.pathname.endsWith('/datastorePut') && answer.ok) pushed(JSON.parse(body).changes)
    return answer
  }
  if (url.hostname !== '127.0.0.1' || url.port === '11470') throw new TypeError('not part of this test')
  return realFetch(request)
}

const WAIT_MS = 20000

async function main() {
  const core = require('@stremio/stremio-core-web')
  const wasm = path.join(path.dirname(require.resolve('@stremio/stremio-core-web')), 'stremio_core_web_bg.wasm')
  await core.default({ module_or_path: fs.readFileSync(wasm) })
  const waiting = new Set()
  await core.initialize_runtime(() => { for (const look of waiting) look() })

  const state = (name) => JSON.parse(JSON.stringify(core.get_state(name)))
  const until = (name, done) => new Promise((resolve, reject) => {
    const look = () => {
      const now = state(name)
      if (!done(now)) return
      clearTimeout(timer)
      waiting.delete(look)
      resolve(now)
    }
    const timer = setTimeout(() => reject(new Error(`no ${name}: ${JSON.stringify(state(name)).slice(0, 2000)}`)), WAIT_MS)
    waiting.add(look)
    look()
  })
  const dispatch = (action, field) => core.dispatch(action, field, '')

  dispatch({ action: 'Ctx', args: { action: 'Authenticate', args: { type: 'Login', email, password, facebook: false } } }, null)
  const ctx = await until('ctx', (now) => now.profile.auth && now.profile.addons.some((addon) => addon.transportUrl === transportUrl))

  const at = { resource: 'meta', type: 'series', id: seriesId, extra: [] }
  dispatch({ action: 'Load', args: { model: 'MetaDetails', args: { metaPath: at, streamPath: null, guessStream: false } } }, 'meta_details')
  const ready = (now) => now.metaItem && now.metaItem.content && now.metaItem.content.type === 'Ready' && now.libraryItem
  const details = await until('meta_details', ready)
  const videos = details.metaItem.content.content.videos
  const video = videos.find(({ id }) => id === videoId)
  dispatch({ action: 'MetaDetails', args: { action: 'MarkVideoAsWatched', args: [video, true] } }, 'meta_details')

  const seen = JSON.stringify({
    user: ctx.profile.auth.user.email,
    addons: ctx.profile.addons,
    watched: videos.filter(({ watched }) => watched).map(({ id }) => id),
    pushed: await push,
  })
  // Leaving before it is written out would cut what a pipe can't hold.
  process.stdout.write(`${seen}\n`, () => process.exit(0))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
