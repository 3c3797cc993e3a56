# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# "make" lists the targets. Everything that they make is below build/ and */target/.

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
SCHEDULES ?= 100000
FUZZ ?= 3600
VERSION := $(shell sed -n 's|.*<version>\(.*\)</version>.*|\1|p' pom.xml | head -n 1)

libdir := $(PREFIX)/lib/jubelet
dist := daemon/target/jubelet
# A recipe looks for the JDK when it needs one, so "make help" works without.
maven = export JAVA_HOME="$$(tools/find-jdk.sh)" && ./mvnw -B -ntp

.DEFAULT_GOAL := help
.PHONY: help run build unit test conformance schedules fuzz coverage mutation records check fmt bench dist package-test vm-test sbom scan install release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## try it out: a private containerd, the example manifests, Ctrl-C stops all
	@tools/run.sh

build: ## build the runnable distribution daemon/target/jubelet
	@rm -rf daemon/target/dependency
	@$(maven) -q package -pl cri-client,daemon -Dmaven.test.skip=true
	@tools/dist.sh

unit: ## run the unit tests: no root, no network
	@tools/unit.sh

test: ## run all tests this machine can run; JUBELET_NO_SKIP=1 forbids skipping
	@tools/test.sh

conformance: build ## run the node suite of Kubernetes, two hours; CONFORMANCE="--focus 'Probing container'"
	@tools/conformance.sh $(CONFORMANCE)

schedules: ## run seeded schedules with faults of clock, names, runtime and daemon; SCHEDULES=100000
	@tools/schedules.sh $(SCHEDULES)

fuzz: ## search for input that breaks a parser, each fuzzer for an hour; FUZZ=SECONDS, FUZZER='Kubeconfig*'
	@tools/fuzz.sh $(FUZZ) $(if $(FUZZER),'$(FUZZER)')

coverage: ## run the unit tests and print how many lines and branches of each package they reach
	@tools/coverage.sh

mutation: ## change the planner and the admission in hundreds of places: do their unit tests notice?
	@tools/mutation.sh

records: ## do the records of the settings, status and events of kubelets still agree with their code?
	@tools/kubelet-settings.sh --check
	@tools/kubelet-records.sh --check

check: ## licence headers, formatting, compiler warnings, Error Prone, shell scripts, systemd unit
	@tools/license-headers.sh
	@rm -rf */target/check
	$(maven) -q -Pcheck spotless:check test-compile
	@if command -v shellcheck >/dev/null; then \
		echo "shellcheck tools/*.sh tools/conformance packaging"; \
		shellcheck -x tools/*.sh tools/conformance/*.sh tools/conformance/bin/* packaging/*.sh packaging/vm/*.sh .ci/run && shellcheck -s sh daemon/src/main/dist/jubelet; \
	else \
		echo "check: the shell scripts are not checked, shellcheck is not installed"; \
	fi
	@tools/verify-unit.sh

fmt: ## format the Java sources, and add licence headers
	@tools/license-headers.sh --fix
	$(maven) -q spotless:apply

bench: build ## measure latencies, memory and CPU against the runtime's own floor; BENCH=--quick, KUBELET=PROGRAM
	@tools/bench.sh $(BENCH)

dist: build sbom ## make a tarball, a .deb and an .rpm with a Java runtime of their own, below build/
	@packaging/package.sh

package-test: ## install, upgrade, downgrade, remove and purge the .deb of make dist in a clean Debian; needs root
	@packaging/test.sh

vm-test: ## boot a Debian under QEMU, install the .deb of make dist, and test it as a service; needs root, 10 minutes
	@packaging/vm/test.sh

sbom: ## list the libraries of the distribution in build/jubelet-VERSION.cdx.json (CycloneDX); needs a network
	@$(maven) -q compile org.cyclonedx:cyclonedx-maven-plugin:makeBom -pl cri-client,daemon
	@mkdir -p build
	cp daemon/target/jubelet.cdx.json build/jubelet-$(VERSION).cdx.json

scan: sbom ## look for known vulnerabilities of these libraries; needs osv-scanner and a network
	@tools/scan.sh build/jubelet-$(VERSION).cdx.json

# Times of files are kept, because the AOT caches record those of the jars.
install: ## install the built distribution, the unit and its files below PREFIX (/usr/local) and DESTDIR
	@[ -x $(dist)/bin/jubelet ] || { echo "Nothing is built yet: run make build first." >&2; exit 1; }
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system/jubelet.service.d \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	rm -rf $(DESTDIR)$(libdir).new
	cp -Rp $(dist) $(DESTDIR)$(libdir).new
	rm -rf $(DESTDIR)$(libdir) && mv $(DESTDIR)$(libdir).new $(DESTDIR)$(libdir)
	ln -sfn $(libdir)/bin/jubelet $(DESTDIR)$(PREFIX)/bin/jubelet
	sed 's|@PREFIX@|$(PREFIX)|g' systemd/jubelet.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/jubelet.service
	install -m 644 systemd/jubelet.service.d/10-example.conf.example systemd/jubelet.service.d/20-kubeadm.conf.example \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/jubelet.service.d/
	install -m 644 systemd/jubelet.sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/jubelet.conf
	install -m 644 systemd/jubelet.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/jubelet.conf
	@if [ -z "$(DESTDIR)" ] && [ -d /run/systemd/system ]; then \
		systemd-sysusers $(PREFIX)/lib/sysusers.d/jubelet.conf; \
		systemd-tmpfiles --create $(PREFIX)/lib/tmpfiles.d/jubelet.conf; \
		systemctl daemon-reload; \
		echo "Start it with: systemctl enable --now jubelet"; \
	fi

release: ## release VERSION=1.2.3 from main: tests, version, changelog, tag, artefacts; RELEASE=--dry-run, --tested
	@tools/release.sh $(RELEASE) $(if $(filter command,$(origin VERSION)),$(VERSION))

clean: ## remove everything that was made
	@for d in build/run/containerd build/bench/containerd build/test/*/containerd build/test/*/containerd2; do \
		if [ -d $$d ]; then tools/containerd.sh stop $$d; fi; \
	done
	rm -rf --one-file-system build target */target
