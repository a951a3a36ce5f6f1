FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/node24/package.json tools/node24/
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY src ./src
# dbcheck.yml is mounted at /config; threads, history and audit live in the volume /data, or in Redis.
RUN mkdir /config /data && chown node:node /data
ENV DBCHECK_CONFIG=/config/dbcheck.yml DBCHECK_STORE=/data/dbcheck.db PORT=3000
VOLUME /data
EXPOSE 3000
USER node
# In Socket Mode the health check listens on PORT; signed HTTP uses the same port. operations.port moves both checks.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
