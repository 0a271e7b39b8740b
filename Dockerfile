# One image with every process of Orderline; docker-compose.yml says which one a container runs.
#
#   docker build -t orderline .
#   docker run orderline gateway        (auth, orders, chat, gateway, provision, demo)

# The bases, pinned by tag. With a digest they are the same for ever:
#   docker build --build-arg DEBIAN_IMAGE=debian:bookworm-slim@sha256:… .
ARG SWIFT_IMAGE=swift:6.3-bookworm
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libpq-dev libssl-dev libnats-dev libargon2-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Shared Shared
COPY Services Services
COPY Tools Tools
COPY Clients Clients
# The manifest names their targets; they are not built.
COPY Tests Tests
# The build directory is kept between builds, so only what has changed is compiled; hence the programs are copied out of it.
# Swift's own libraries are linked in: the final image needs no Swift.
RUN --mount=type=cache,target=/src/.build,sharing=locked \
    set -eux; \
    for product in auth orders chat gateway provision demo; do \
        swift build -c release --static-swift-stdlib --product "$product"; \
    done; \
    programs=$(swift build -c release --static-swift-stdlib --show-bin-path); \
    mkdir /app; \
    for product in auth orders chat gateway provision demo; do \
        strip --strip-debug -o "/app/$product" "$programs/$product"; \
    done; \
    find -L "$programs" -maxdepth 1 -name '*.resources' -exec cp -R {} /app/ \; ; \
    backtrace=$(dirname "$(readlink -f "$(command -v swift)")")/../libexec/swift/linux/swift-backtrace-static; \
    if [ -x "$backtrace" ]; then cp "$backtrace" /app/; fi
COPY Deploy/health.sh /app/health

# What /docs shows the interface with, from the packages that publish it.
FROM ${DEBIAN_IMAGE} AS docs
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
COPY Tools/Docs /src
RUN /src/fetch.sh /app/docs

FROM ${DEBIAN_IMAGE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libpq5 libnats3.4 libssl3 libargon2-1 zlib1g ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin orderline
COPY --from=build /app /app
COPY --from=docs /app/docs /app/docs
WORKDIR /app
USER orderline
# In a container every address of it is meant; which ports are reachable is decided outside.
ENV PATH=/app:/usr/local/bin:/usr/bin:/bin \
    HOST=0.0.0.0 \
    PORT=8000 \
    OPS_HOST=0.0.0.0 \
    OPS_PORT=9090 \
    DOCS_ASSETS=/app/docs \
    SWIFT_BACKTRACE=enable=yes,sanitize=yes,threads=crashed,images=none,interactive=no,color=no,swift-backtrace=/app/swift-backtrace-static
EXPOSE 8000 9090
HEALTHCHECK --interval=3s --timeout=3s --start-period=60s --retries=10 CMD ["/app/health"]
CMD ["gateway"]
