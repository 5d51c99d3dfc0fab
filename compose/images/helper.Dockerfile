# The helper image where a registry is at hand. It also serves as sandbox.
# The packages are those of the build from Debian packages (src/deployment/image_recipe.rs); a test compares the two.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends bash busybox-static coreutils grep sed iproute2 iptables tcpdump \
 && mkdir /rehearsal && cp /bin/busybox /rehearsal/busybox \
 && rm -rf /var/lib/apt/lists/*
COPY iptables /usr/local/sbin/iptables
CMD ["sleep", "infinity"]
