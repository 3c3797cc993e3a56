package io.jubelet.runtime;

import io.jubelet.concurrent.Threads;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Practises what each new pod asks for, soon after the start.
 *
 * <p>The JVM compiles what it has run some hundred times, so the first pods of a daemon that has done nothing yet would be
 * started in the interpreter: measured, a third of all that the daemon does for thirty new pods. The calls list what nobody
 * has, and the manifest that is read is nobody's.
 */
public final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** The JVM's threshold is 200. */
    static final int ROUNDS = 200;

    /** Pods that wait for the daemon come first. */
    private static final Duration BEGIN = Duration.ofSeconds(1);

    private static final Map<String, String> NOBODYS = Map.of("jubelet.io/node", "");
    private static final ImageSpec NO_IMAGE = ImageSpec.of("jubelet.invalid/none:1");

    private final Thread thread;

    private WarmUp(Thread thread) {
        this.thread = thread;
    }

    /**
     * Begins on a thread of its own, {@code warm-up}.
     *
     * @param reading reads a manifest, without any effect
     */
    public static WarmUp start(RuntimeService runtime, ImageService images, Runnable reading) {
        return new WarmUp(Threads.startVirtual("warm-up", () -> {
            try {
                Thread.sleep(BEGIN);
                practise(runtime, images, reading);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** Ends with the first call that fails: there are better times then. */
    static void practise(RuntimeService runtime, ImageService images, Runnable reading) {
        try {
            for (int i = 0; i < ROUNDS; i++) {
                runtime.listPodSandboxes(PodSandboxFilter.labels(NOBODYS));
                runtime.listContainers(ContainerFilter.labels(NOBODYS));
                images.imageStatus(NO_IMAGE);
                reading.run();
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
