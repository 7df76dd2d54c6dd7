# The image runs the scanner and nothing else: as a numeric user, with no shell needed, on a read-only root with a
# tmpfs at /tmp. Credentials come from the environment only.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY cloudscan cloudscan
COPY checks checks
COPY providers providers
RUN python -m venv --without-pip /opt/cloudscan \
 && pip --python /opt/cloudscan/bin/python install --no-cache-dir --disable-pip-version-check '.[aws,demo]'

FROM python:3.12-slim
COPY --from=build /opt/cloudscan /opt/cloudscan
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["/opt/cloudscan/bin/python", "-m", "cloudscan.cli"]
CMD ["--help"]
