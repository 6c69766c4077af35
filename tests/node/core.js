// Installs an addon into the core of Stremio's own apps and loads a row, a title and its streams:
// node core.js TRANSPORT_URL TYPE CATALOG_ID TITLE_ID. Prints one JSON object of the core's states.
const fs = require('fs')
const path = require('path')

const storage = new Map()
globalThis.self = globalThis
globalThis.document = { baseURI: 'http://127.0.0.1/' }
globalThis.location = new URL('http://127.0.0.1/')
globalThis.WorkerGlobalScope = class { static [Symbol.hasInstance]() { return true } }
self.app_version = '5.0.0'
self.shell_version = null
self.get_location_hash = async () => ''
self.local_storage_get_item = async (key) => storage.get(key) ?? null
self.local_storage_set_item = async (key, value) => { storage.set(key, value) }
self.local_storage_remove_item = async (key) => { storage.delete(key) }

// The core also asks the addons it is born with: nothing outside this machine is ever called.
const realFetch = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const url = new URL(typeof input === 'string' ? input : input.url)
  if (url.hostname !== '127.0.0.1' || url.port === '11470') throw new TypeError('not part of this test')
  return realFetch(input, init)
}

const WAIT_MS = 20000

async function main([transportUrl, type, catalogId, titleId]) {
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

  const manifest = await (await fetch(transportUrl)).json()
  dispatch({ action: 'Ctx', args: { action: 'InstallAddon', args: { manifest, transportUrl, flags: { official: false, protected: false } } } }, null)
  const ctx = await until('ctx', (now) => now.profile.addons.some((addon) => addon.transportUrl === transportUrl))

  const at = (resource, id) => ({ resource, type, id, extra: [] })
  dispatch({ action: 'Load', args: { model: 'CatalogWithFilters', args: { request: { base: transportUrl, path: at('catalog', catalogId) } } } }, 'discover')
  const discover = await until('discover', (now) => now.catalog && now.catalog.content && now.catalog.content.type !== 'Loading')

  dispatch({ action: 'Load', args: { model: 'MetaDetails', args: { metaPath: at('meta', titleId), streamPath: at('stream', titleId), guessStream: false } } }, 'meta_details')
  const settled = (found) => found && found.content && found.content.type === 'Ready'
  const details = await until('meta_details', (now) => settled(now.metaItem) && (now.streams || []).some((found) => found.addon.transportUrl === transportUrl && settled(found)))

  const seen = JSON.stringify({
    addon: ctx.profile.addons.find((addon) => addon.transportUrl === transportUrl),
    catalog: discover.catalog,
    meta: details.metaItem,
    streams: details.streams.filter((found) => found.addon.transportUrl === transportUrl),
  })
  // Leaving before it is written out would cut what a pipe can't hold.
  process.stdout.write(`${seen}\n`, () => process.exit(0))
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error)
  process.exit(1)
})
