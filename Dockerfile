# syntax=docker/dockerfile:1
# The worker and the CLI in one image: `docker run clickfeed` is a worker, `docker run clickfeed setup` any other command.
# Debian, not Alpine: Temporal's core is a native module built against glibc.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS manifest
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# Compiles and bundles the workflows, so that a worker starts without webpack.
FROM manifest AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

FROM manifest AS dependencies
COPY docker/prune-platforms.sh /tmp/
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts && sh /tmp/prune-platforms.sh node_modules

FROM ${NODE_IMAGE}
# Temporal's core trusts the system's certificates; slim images have none.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
# Buffers of a worker come and go: with eight arenas a core malloc holds on to a tenth more memory, with buffers of lines among everything
# else to another tenth, and so does Node with a nursery of three times 16 MiB. None of these makes it much faster.
ENV NODE_ENV=production HEALTH_HOST=0.0.0.0 \
    MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=262144 NODE_OPTIONS=--max-semi-space-size=4
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
# The image's own unprivileged user; by number, so that Kubernetes can tell that it is not root.
USER 1000:1000
EXPOSE 8085
ENTRYPOINT ["node", "bin/clickfeed.js"]
CMD ["worker"]
