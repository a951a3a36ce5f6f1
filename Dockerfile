FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/node24/package.json tools/node24/
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY src ./src
# The health check listens here; signed HTTP uses the same port. dbcheck.yml belongs at /app/dbcheck.yml.
ENV PORT=3000
EXPOSE 3000
USER node
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
