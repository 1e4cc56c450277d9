# docker build -t placement . && docker run --rm -v "$PWD:/data" placement check inventory.csv
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml MANIFEST.in README.md LICENSE ./
COPY placement placement
COPY inputs/example inputs/example
RUN python -m venv /opt/placement \
    && /opt/placement/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM python:3.12-slim
COPY --from=build /opt/placement /opt/placement
ENV PATH=/opt/placement/bin:$PATH
RUN useradd --system --uid 10001 --no-create-home placement
USER 10001
WORKDIR /data
ENTRYPOINT ["placement"]
CMD ["--help"]
