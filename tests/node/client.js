// Reads an addon with the official client and linter: node client.js TRANSPORT_URL TYPE ID. Prints one JSON object.
const client = require('stremio-addon-client')
const linter = require('stremio-addon-linter')

const get = (addon, ...args) => addon.get(...args).then(
  (answer) => ({ answer }),
  (error) => ({ error: String(error.message || error) }),
)

async function main([transportUrl, type, id]) {
  const { addon } = await client.detectFromURL(transportUrl).then((found) => ({ addon: found.addon || found }))
  const row = addon.manifest.catalogs.find((catalog) => catalog.type === type)
  console.log(JSON.stringify({
    manifest: addon.manifest,
    lint: linter.lintManifest(addon.manifest),
    catalog: await get(addon, 'catalog', row.type, row.id, {}),
    second: await get(addon, 'catalog', row.type, row.id, { skip: 100 }),
    search: await get(addon, 'catalog', row.type, row.id, { search: 'film 7' }),
    meta: await get(addon, 'meta', type, id),
    streams: await get(addon, 'stream', type, id),
    subtitles: await get(addon, 'subtitles', type, id),
  }))
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error)
  process.exit(1)
})
