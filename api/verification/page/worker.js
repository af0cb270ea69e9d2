// Keeps the page, so that it opens with the network off. Only the page: what it checks with, it keeps itself.
const KEPT = "sovang-check-1", PAGE = "/v";
const WITH_IT = [PAGE, "/v.webmanifest", "/static/seal.svg"];

self.addEventListener("install", (event) =>
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(WITH_IT)).then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !WITH_IT.includes(pathname)) return;
  event.respondWith(fetch(event.request).then(keep, () => caches.match(pathname)).then((answer) => answer ?? Response.error()));

  async function keep(answer) {
    if (!answer.ok) return (await caches.match(pathname)) ?? answer;
    const copy = answer.clone();
    event.waitUntil(caches.open(KEPT).then((cache) => cache.put(pathname, copy)));
    return answer;
  }
});
