# The browser that looks at the book's pages (tests/pages.rs), where a registry is at hand.
# The packages are those of the build from Debian packages (src/deployment/image_recipe.rs); a test compares the two.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium-headless-shell fonts-dejavu-core socat \
 && rm -rf /var/lib/apt/lists/*
