package io.jubelet.runtime;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatusResponse;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.SignalNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends {@code lifecycle.stopSignal} where the runtime does not.
 *
 * <p>The signal is told to the runtime when a container is made, and a runtime that knows the field says so in the
 * container's status. containerd up to 2.1, at least, drops it without a word. There the first process of the
 * container gets the signal from us, found by the process id that containerd tells in its verbose status; the runtime then
 * only kills what has not ended in time.
 *
 * <p>Safe for use by many threads.
 */
public final class StopSignals {

    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final RuntimeService runtime;

    StopSignals(RuntimeService runtime) {
        this.runtime = runtime;
    }

    /**
     * Sends the signal unless the runtime will, and then waits for the end of the container.
     *
     * @return the time to leave to the runtime's own stop: zero after ours
     */
    Duration send(ContainerId id, String name, Duration grace) {
        ContainerStatusResponse answer = runtime.containerStatusVerbose(id);
        if (answer.status() == null || answer.status().state() != ContainerState.RUNNING) {
            return grace;
        }
        if (Optional.of(answer.status().stopSignal()).equals(SignalNames.signal(name))) {
            return grace;
        }
        long pid = pid(answer);
        if (pid <= 0 || !sent(id, pid, SignalNames.number(name))) {
            LOG.warn("container={} cannot be sent {}: it is stopped by the signal of its image", id, name);
            return grace;
        }
        long end = System.nanoTime() + grace.toNanos();
        while (System.nanoTime() < end && runs(id)) {
            pause();
        }
        return Duration.ZERO;
    }

    private boolean runs(ContainerId id) {
        return runtime.containerStatus(id).state() == ContainerState.RUNNING;
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("StopContainer", "interrupted while a container ended", e);
        }
    }

    /** The first process, as containerd tells it in JSON: {@code "pid":4711}; 0 when it does not. */
    static long pid(ContainerStatusResponse answer) {
        String info = answer.info().getOrDefault("info", "");
        int at = info.indexOf("\"pid\":");
        if (at < 0) {
            return 0;
        }
        long pid = 0;
        for (int i = at + 6; i < info.length(); i++) {
            char c = info.charAt(i);
            if (Character.isDigit(c)) {
                pid = pid * 10 + Character.digit(c, 10);
            } else if (c != ' ') {
                break;
            }
        }
        return pid;
    }

    /** Only to a process that belongs to the container: its id may have been given to another since. */
    private static boolean sent(ContainerId id, long pid, int number) {
        try {
            if (number == 0
                    || !Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains(id.value())) {
                return false;
            }
            // The JDK sends but TERM and KILL; a shell has kill built in.
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + number + " " + pid)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return kill.waitFor() == 0;
        } catch (IOException e) {
            LOG.debug("container={} process {} cannot be sent signal {}", id, pid, number, e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("StopContainer", "interrupted while a signal was sent", e);
        }
    }
}
