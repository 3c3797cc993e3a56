/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.api.ApiServer;
import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.concurrent.Wakeup;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.FlagValues;
import io.jubelet.config.LoadedConfig;
import io.jubelet.cri.CriException;
import io.jubelet.document.FileProblem;
import io.jubelet.node.DirectoryLock;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.OpenWriters;
import io.jubelet.node.SystemdNotify;
import io.jubelet.warmup.WarmUp;
import io.jubelet.warmup.WarmUpPod;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: reads the configuration, starts the parts that {@link Wiring} composes in the order of the data flow,
 * and stops them in reverse order.
 */
public final class Daemon implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private static final Duration WORKER_STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration API_START_DELAY = Duration.ofMillis(250);

    /** The exit code after an internal error, EX_SOFTWARE of sysexits.h. */
    private static final int INTERNAL_ERROR = 70;

    private final DaemonConfig config;
    private final NodeClock clock = NodeClock.system();
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private Daemon(DaemonConfig config) {
        this.config = config;
    }

    /**
     * Runs the daemon until a signal ends the process. Pods run on.
     *
     * @return the exit code
     */
    public static int run(FlagValues flags) {
        // systemd starts the daemon again, and pods run on. An orderly end might need what has failed.
        Threads.onError(() -> Runtime.getRuntime().halt(INTERNAL_ERROR));
        OpenWriters.prepare();
        Optional<DaemonConfig> config = configure(flags);
        if (config.isEmpty()) {
            return 1;
        }
        SystemdNotify systemd =
                SystemdNotify.from(System.getenv(), ProcessHandle.current().pid());
        Daemon daemon = new Daemon(config.get());
        CountDownLatch end = new CountDownLatch(1);
        try {
            daemon.start(systemd);
        } catch (IOException e) {
            LOG.error("cannot start: {}", FileProblem.of(e));
            if (e instanceof AccessDeniedException) {
                LOG.error("run jubelet as root, or set directories that you can write to: jubelet run --help has an"
                        + " example");
            }
            daemon.close();
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            daemon.close();
            return 1;
        }
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    systemd.stopping();
                    daemon.close();
                    end.countDown();
                    // After a signal the JVM would not exit with 0.
                    Runtime.getRuntime().halt(0);
                }));
        try {
            end.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static Optional<DaemonConfig> configure(FlagValues flags) {
        try {
            LoadedConfig loaded = LoadedConfig.load(flags, NodeFacts.readHostName());
            loaded.warnings().forEach(LOG::warn);
            loaded.errors().forEach(LOG::error);
            return loaded.errors().isEmpty() ? Optional.of(loaded.config()) : Optional.empty();
        } catch (IOException e) {
            LOG.error("the configuration cannot be read: {}", FileProblem.of(e));
            return Optional.empty();
        }
    }

    private void start(SystemdNotify systemd) throws IOException, InterruptedException {
        // First, because a second daemon on these files must end before it changes any.
        opened(DirectoryLock.take(config.node().rootDir()));
        NodeFacts facts = NodeFacts.read();
        Runtimes runtimes = opened(Runtimes.open(config));
        Wiring wiring = new Wiring(config, clock, facts, runtimes);
        // Before anything runs, because a socket belongs to one daemon, and a second one must end here.
        opened(wiring.api).bind();
        Wakeup begun = new Wakeup();
        FutureTask<Boolean> serving = serve(wiring.api, begun);
        wiring.manifests.start();
        started.push(wiring.manifests);
        opened(wiring.probes);
        opened(wiring.configVolumes);
        Threads.startVirtual(
                "cgroups",
                () -> wiring.startup.prepareCgroups(
                        wiring.manifests.current().pods().values()));
        opened(wiring.limits);
        if (runtimes.adoptions().isPresent()) {
            AdoptionWiring.begin(runtimes, wiring, config.node().adoptKubeletPods());
        }
        boolean adopted = adopt(wiring);
        wiring.workers.desiredChanged();
        begun.signal();
        started.push(() -> wiring.workers.stop(WORKER_STOP_TIMEOUT));
        if (runtimes.adoptions().isPresent()) {
            opened(AdoptionWiring.replaceOutdated(runtimes, wiring));
        }
        opened(wiring.hints).start();
        opened(wiring.rotation.start(
                config.runtime().logs().monitorInterval(),
                () -> wiring.statusStore.snapshot().runningContainers()));
        ServiceStatus status = new ServiceStatus(
                wiring.statusStore::version,
                wiring.statusStore::snapshot,
                () -> wiring.manifests.current().directoryProblem(),
                wiring.health::trouble);
        Optional<Loop> watchdog =
                systemd.keepAlive(() -> wiring.health.trouble().isEmpty(), status);
        watchdog.ifPresent(this::opened);
        LOG.info(
                "node={} manifests={} runtime={} pods={}",
                config.node().name(),
                config.node().manifests().path(),
                config.runtime().endpoint(),
                wiring.manifests.current().pods().size());
        wiring.collectImages().ifPresent(this::opened);
        Optional<ClusterWiring> joined = wiring.joinCluster();
        if (joined.isPresent()) {
            opened(joined.get());
        }
        wiring.listen(joined).ifPresent(this::opened);
        wiring.listenReadOnly().ifPresent(this::opened);
        wiring.serveHealth().ifPresent(this::opened);
        wiring.serveKubernetesApi().ifPresent(this::opened);
        wiring.serveMetrics().ifPresent(this::opened);
        opened(WarmUp.start(
                runtimes.images(),
                () -> new WarmUpPod(runtimes.runtime(), wiring.profile, wiring.resolvConf::ifReadable, clock)));
        try {
            serving.get();
        } catch (ExecutionException e) {
            throw new IOException("the local API cannot be served: " + e.getCause(), e);
        }
        systemd.ready(
                adopted ? "keeping the pods of " + config.node().manifests().path() : "waiting for the runtime");
    }

    /** Starts the API after the workers, because pods need the processors first, but after a delay even if they wait. */
    private FutureTask<Boolean> serve(ApiServer api, Wakeup begun) {
        FutureTask<Boolean> serving = new FutureTask<>(() -> {
            boolean _ = begun.awaitFor(API_START_DELAY);
            api.start();
            return true;
        });
        started.push(Threads.startVirtual("api-start", serving)::join);
        return serving;
    }

    /** Finds the pods that run already, and removes what earlier ones left behind. */
    private boolean adopt(Wiring wiring) throws InterruptedException {
        try {
            wiring.workers.listed(wiring.relist.relist());
            wiring.startup.removeLeftovers(wiring.manifests.current().pods().values());
            return true;
        } catch (CriException e) {
            LOG.warn(
                    "the runtime at {} does not answer yet: {}",
                    config.runtime().endpoint(),
                    e.getMessage());
        } catch (IOException e) {
            LOG.warn("cannot remove the directories of earlier pods: {}", FileProblem.of(e));
        }
        return false;
    }

    private <T extends AutoCloseable> T opened(T part) {
        started.push(part);
        return part;
    }

    /** Stops what was started, in reverse order. */
    @Override
    public void close() {
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("a part of the daemon failed to stop", e);
            }
        }
        LOG.info("stopped; pods run on");
    }
}
