# KnowBot in a container: docs/how-to/run-in-a-container.md says how to build it, run it, and what is inside.

# Debian 12 with Node from the official image. Packages with compiled code need glibc, and Debian's Tesseract is the one that our
# tests run with.
FROM node:24-bookworm-slim AS node

# What serving needs, and no tool of development.
FROM node AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages always: sharp has its binary there and fails without.
RUN npm ci --omit=dev --include=optional --no-audit --no-fund --loglevel=notice

# The page, with the tools that building it needs. It takes its types from the wire contract.
FROM node AS page
WORKDIR /app/web
COPY .npmrc web/package.json web/package-lock.json ./
RUN npm ci --include=dev --include=optional --no-audit --no-fund --loglevel=notice
COPY src/api.ts /app/src/
COPY src/api/ /app/src/api/
COPY web/ ./
RUN npm run build --loglevel=notice

FROM node
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    tesseract-ocr tesseract-ocr-deu tesseract-ocr-fra tesseract-ocr-ita tesseract-ocr-nld tesseract-ocr-por tesseract-ocr-spa \
  && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin knowbot

WORKDIR /app
COPY --from=packages /app/node_modules/ ./node_modules/
COPY package.json LICENSE ./
COPY tools/docker-entrypoint.sh tools/warm-compile-cache.ts ./tools/
COPY src/ ./src/
COPY samples/ ./samples/
COPY --from=page /app/web/dist/ ./web/dist/
# Whatever the umask was under which the repository was fetched, and where its file system knows no such bits.
RUN chmod --recursive u=rwX,go=rX LICENSE package.json samples src tools web && chmod 755 tools/docker-entrypoint.sh

# PORT makes it listen on every address; a platform's own value takes its place. Nothing else has to be set, and nothing else is:
# a KNOWBOT_DATA here would hide the volume that a platform names.
ENV PORT=8000 NODE_COMPILE_CACHE=/app/.cache/compile

# Node keeps its cache by user, so it is filled by the user who reads it. Without it every process strips types itself and stays 11
# to 31 MB larger. Afterwards it is root's, like the program: who runs the server reads it and cannot change what runs.
RUN install --directory --owner=knowbot --group=knowbot .cache/compile data \
  && setpriv --reuid=knowbot --regid=knowbot --clear-groups node tools/warm-compile-cache.ts \
  && chown --recursive root:root .cache && chmod --recursive a+rX .cache

EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "require('node:http').get({ host: '127.0.0.1', port: process.env.PORT, path: '/api/health' }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]

# No USER: the entry point is root for as long as it takes to give the data folder to knowbot, and becomes knowbot for good before any
# of our code runs. Platforms hand over volumes that belong to root, and with a USER here a variable would be needed for that.
# No VOLUME: Railway refuses to build it, and elsewhere it fills the disk with volumes that nobody named.
ENTRYPOINT ["/app/tools/docker-entrypoint.sh"]
CMD ["node", "src/bin/knowbot.ts", "serve"]
