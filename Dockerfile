# The mock as a container:
#
#   docker build -t mockserver .
#   docker run --rm -p 8080:8080 mockserver
#   docker run --rm -p 8080:8080 -v "$PWD/my-scenarios:/scenarios:ro" mockserver serve --scenario my.yaml
#
# The control API answers every program that reaches the port, since to a container its own host is another machine; web
# pages of other sites it refuses. Where others can reach it too: -p 127.0.0.1:8080:8080, or -e MOCKSERVER_CONTROL_TOKEN=…; -e MOCKSERVER_CONTROL=loopback closes it.
#
# Own scenarios are mounted at /scenarios, the working directory. Every option of `serve` is a MOCKSERVER_... variable too.
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml README.md upvest_mockserver.py ./
COPY requirements requirements
COPY scenarios scenarios
COPY mockserver mockserver
# The environment has no pip of its own, so no build tool reaches the image. The bytecode is compiled here because the
# user of the image cannot write it: without it every start would compile again. It is never checked against its
# source, which does not change in an image. Faker's and holidays' countries and Pygments' languages are left out: they are
# most of the bytecode and hardly ever loaded.
#
# What it depends on is installed from the lock file, hashes checked, so that the same replays come from every build; what
# builds the package, too.
RUN python -m venv --without-pip /opt/mockserver \
 && python -m pip --python /opt/mockserver/bin/python install --no-cache-dir --no-compile \
      --require-hashes -r requirements/image.txt \
 && PIP_CONSTRAINT=/src/requirements/constraints.txt PIP_BUILD_CONSTRAINT=/src/requirements/constraints.txt \
    python -m pip --python /opt/mockserver/bin/python install --no-cache-dir --no-compile --no-deps . \
 && /opt/mockserver/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
      -x '/faker/providers/.*/[a-z]+_[A-Z]+|/holidays/countries/|/pygments/lexers/' /opt/mockserver/lib

FROM ${BASE}
RUN useradd --uid 10001 --create-home mockserver && mkdir /scenarios
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOCKSERVER_HOST=0.0.0.0 \
    MOCKSERVER_SCENARIOS=/scenarios \
    MOCKSERVER_CONTROL=anywhere
WORKDIR /scenarios
USER 10001
EXPOSE 8080
# http.client rather than urllib: it ignores the proxy variables that many pipelines set. -I -S: a probe of 30 ms. The
# port may be tcp://10.0.0.1:8080 where Kubernetes has a service called mockserver: serve ignores that, so does this. The
# interval is also how long a pipeline waits for the first answer. --start-interval would make that shorter, but older
# builders do not build with it (buildah 1.28 of Debian 12); docs/ci/docker-compose.yml tells it to the engine instead.
# Images in OCI format, the default of podman and buildah, have no health checks: build with --format docker there.
HEALTHCHECK --interval=1s --timeout=3s --retries=10 \
  CMD ["python", "-I", "-S", "-c", "import http.client, os; p = os.environ.get('MOCKSERVER_PORT', ''); c = http.client.HTTPConnection('127.0.0.1', int(p) if p.isdecimal() else 8080, timeout=2); c.request('GET', '/_mock/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
