package io.jubelet.warmup;

import io.jubelet.concurrent.Threads;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Practises what each new pod asks for, soon after the start.
 *
 * <p>The JVM links what it runs for the first time and compiles what it has run some hundred times: the first thirty pods of a
 * daemon cost it more than twice as much as later ones. The calls list what nobody has, and the pod is nobody's.
 */
public final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** The JVM's threshold is 200. */
    static final int ROUNDS = 200;

    /** Pods that wait for the daemon come first. */
    private static final Duration BEGIN = Duration.ofSeconds(1);

    private static final ImageSpec NO_IMAGE = ImageSpec.of("jubelet.invalid/none:1");

    private final Thread thread;

    private WarmUp(Thread thread) {
        this.thread = thread;
    }

    /**
     * Begins on a thread of its own, {@code warm-up}.
     *
     * @param pod makes, on that thread, what starts a pod that is nobody's, without any effect; this may throw
     *     {@link CriException}
     */
    public static WarmUp start(ImageService images, Supplier<? extends Runnable> pod) {
        return new WarmUp(Threads.startVirtual("warm-up", () -> {
            try {
                Thread.sleep(BEGIN);
                practise(images, pod.get());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** Ends with the first call that fails: there are better times then. */
    static void practise(ImageService images, Runnable pod) {
        try {
            for (int i = 0; i < ROUNDS; i++) {
                images.imageStatus(NO_IMAGE);
                pod.run();
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
