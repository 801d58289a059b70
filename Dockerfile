# One image for web, worker, beat and the commands of operators: see compose.yaml and docs/operating.md.
FROM python:3.13-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/eventhub eventhub

WORKDIR /opt/eventhub
COPY requirements-production.txt requirements-documents.txt ./
RUN pip install --no-cache-dir --require-hashes \
      --requirement requirements-production.txt --requirement requirements-documents.txt
COPY . .
RUN for catalogue in eventhub/translations/*/LC_MESSAGES/*.po; do \
      pybabel --quiet compile --input-file "$catalogue" --output-file "${catalogue%.po}.mo"; \
    done \
    && printf '%s\n' '#!/bin/sh' 'exec python -m eventhub "$@"' > /usr/local/bin/eventhub \
    && chmod +x /usr/local/bin/eventhub

ENV EVENTHUB_INSTANCE=/var/lib/eventhub PYTHONUNBUFFERED=1
USER eventhub
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "--bind=0.0.0.0:8000", "wsgi:app"]
