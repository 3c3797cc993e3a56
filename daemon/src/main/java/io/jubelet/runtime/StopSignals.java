/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * Sends {@code lifecycle.stopSignal} if the runtime does not.
 *
 * <p>The configuration of a container contains the signal, and a runtime that supports the field
 * reports it in the container's status. containerd up to 2.1, at least, ignores it silently. Then
 * the signal is sent here to the first process of the container, whose process id is in the verbose
 * status of containerd, and the runtime only kills what has not ended in time.
 *
 * <p>Safe for use by many threads.
 */
final class StopSignals {

    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

    private final RuntimeService runtime;

    StopSignals(RuntimeService runtime) {
        this.runtime = runtime;
    }

    /**
     * Sends the signal unless the runtime will, and then waits for the end of the container, at
     * most for the grace period.
     *
     * @return the grace period for the stop by the runtime: zero if the signal was sent here
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
            LOG.warn(
                    "cannot send the stop signal, so the runtime sends that of the image: container={} signal={}",
                    id,
                    name);
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
            Thread.sleep(POLL_INTERVAL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("StopContainer", "interrupted while a container ended", e);
        }
    }

    /** The process id in the JSON of containerd, such as {@code "pid":4711}; 0 if there is none. */
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

    /**
     * Sends the signal if the process belongs to the container, because its id may have been
     * reused.
     */
    private static boolean sent(ContainerId id, long pid, int number) {
        try {
            if (number == 0
                    || !Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains(id.value())) {
                return false;
            }
            // The JDK can only send SIGTERM and SIGKILL; kill is built into the shell.
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + number + " " + pid)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return kill.waitFor() == 0;
        } catch (IOException e) {
            LOG.debug("cannot send a signal: container={} process={} signal={}", id, pid, number, e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("StopContainer", "interrupted while a signal was sent", e);
        }
    }
}
