// A real addon made with the official SDK, on a free port of the loopback; prints its address, then serves until killed.
const express = require('express')
const { addonBuilder, getRouter } = require('stremio-addon-sdk')

const films = Array.from({ length: 250 }, (_, n) => ({
  id: `tt${String(9000001 + n)}`,
  type: 'movie',
  name: `SDK film ${n + 1}`,
  genres: [n % 2 ? 'Drama' : 'Comedy'],
}))

// The seventh has links, from which alone players then read genres and ratings; its own rating is an old one.
films[6].imdbRating = '1.0'
films[6].links = [
  { name: 'Comedy', category: 'Genres', url: 'stremio:///search?search=Comedy' },
  { name: '1.0', category: 'imdb', url: 'https://imdb.com/title/tt9000007' },
]

const builder = new addonBuilder({
  id: 'org.example.sdk',
  version: '1.0.0',
  name: 'SDK addon',
  description: 'An addon of the official kit',
  resources: ['catalog', 'stream', { name: 'meta', types: ['movie'], idPrefixes: ['tt9'] }, 'subtitles'],
  types: ['movie'],
  idPrefixes: ['tt'],
  catalogs: [
    {
      type: 'movie',
      id: 'all',
      name: 'All of the kit',
      extra: [{ name: 'skip' }, { name: 'genre', options: ['Drama', 'Comedy'] }, { name: 'search' }],
    },
  ],
})

builder.defineCatalogHandler(async ({ extra }) => {
  const wanted = films
    .filter((film) => !extra.genre || film.genres.includes(extra.genre))
    .filter((film) => !extra.search || film.name.toLowerCase().includes(extra.search.toLowerCase()))
  const skip = Number(extra.skip || 0)
  return { metas: wanted.slice(skip, skip + 20), cacheMaxAge: 600 }
})
builder.defineMetaHandler(async ({ id }) => {
  const meta = films.find((film) => film.id === id)
  return meta ? { meta } : Promise.reject(new Error('not known'))
})
// The better one is not the first.
builder.defineStreamHandler(async ({ id }) => ({
  streams: [480, 1080].map((lines) => ({
    url: `https://media.example/${id}-${lines}.mp4`,
    name: `SDK ${lines}p`,
    behaviorHints: { bingeGroup: `sdk-${id}` },
  })),
}))
builder.defineSubtitlesHandler(async ({ id }) => ({
  subtitles: [{ id: `${id}-en`, url: `https://subs.example/${id}.srt`, lang: 'eng' }],
}))

const app = express()
app.use(getRouter(builder.getInterface()))
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/manifest.json`)
})
