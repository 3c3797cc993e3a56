package io.jubelet.runtime;

import io.jubelet.concurrent.Threads;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Practises calls to the runtime once, soon after the start.
 *
 * <p>The JVM compiles what it has run some hundred times, so the first pods of a daemon that has done nothing yet would be
 * started in the interpreter: measured, a fifth of all that the daemon does for thirty new pods. The calls list sandboxes
 * that nobody has.
 */
public final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** The JVM's threshold is 200 and there are a few calls of each pod besides. */
    static final int CALLS = 300;

    /** Pods that wait for the daemon come first. */
    private static final Duration BEGIN = Duration.ofSeconds(1);

    private static final PodSandboxFilter NOBODYS = PodSandboxFilter.labels(Map.of("jubelet.io/node", ""));

    private final Thread thread;

    private WarmUp(Thread thread) {
        this.thread = thread;
    }

    /** Begins on a thread of its own, {@code warm-up}. */
    public static WarmUp start(RuntimeService runtime) {
        return new WarmUp(Threads.startVirtual("warm-up", () -> {
            try {
                Thread.sleep(BEGIN);
                practise(runtime);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** Ends with the first call that fails: there are better times then. */
    static void practise(RuntimeService runtime) {
        try {
            for (int i = 0; i < CALLS; i++) {
                runtime.listPodSandboxes(NOBODYS);
            }
        } catch (CriException e) {
            LOG.debug("the runtime has no time to practise with: {}", e.getMessage());
        }
    }

    /** Ends it, if it is still going on. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
