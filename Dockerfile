# syntax=docker/dockerfile:1
# One image for the worker, the client's one-shot commands and the stand-in portal: they share their code.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci
COPY tsconfig.json ./
COPY scripts/build.ts scripts/bundleProgram.ts ./scripts/
COPY src ./src
RUN npm run build

FROM node:24.21.0-bookworm-slim

# Chromium from Debian gets its security fixes with every rebuild, and chromium-sandbox is for hosts without user
# namespaces; tini hands signals on and reaps the browser's helper processes.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates chromium chromium-sandbox fonts-liberation tini \
  && rm -rf /var/lib/apt/lists/*

# MALLOC_…: freed memory goes back to the system at once, as `npm start` has it too.
ENV NODE_ENV=production \
  MALLOC_ARENA_MAX=2 \
  MALLOC_MMAP_THRESHOLD_=65536 \
  EHR_CHROMIUM=/usr/bin/chromium \
  EHR_CONFIG=/app/config/pipeline.yaml \
  EHR_ARTIFACTS=/var/lib/ehr/artifacts \
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

WORKDIR /app

# Packages first: they change less often than the code, so most builds reuse this layer.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY bin ./bin
COPY config ./config
COPY demo ./demo
COPY scripts/worker-health.ts ./scripts/
COPY src ./src
COPY --from=build /app/dist ./dist

# The volumes that are mounted there take over this owner.
RUN mkdir -p /var/lib/ehr/artifacts /var/lib/ehr/dashboards && chown -R node:node /var/lib/ehr

USER node

# -s: reaps children also where the container runtime brings an init of its own.
ENTRYPOINT ["/usr/bin/tini", "-s", "--"]
CMD ["node", "--max-semi-space-size=8", "--max-old-space-size=256", "dist/src/worker.js"]
