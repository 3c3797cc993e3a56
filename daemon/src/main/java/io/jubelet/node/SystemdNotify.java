/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import io.jubelet.concurrent.Loop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the state of the daemon to the service manager, by the protocol of sd_notify(3). Does
 * nothing without a service manager.
 *
 * <p>Each message runs systemd-notify(1), which systemd always provides. The JDK has no datagrams
 * on Unix sockets; calling sendto(2) through {@code java.lang.foreign} would cost 10 MB of resident
 * memory permanently and 35 ms, jnr-posix 27 MB, a short process every half minute neither. When
 * root starts it, systemd-notify sends in the name of its parent, so {@code NotifyAccess=main} is
 * sufficient.
 */
public final class SystemdNotify {

    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotify.class);

    private final String socket;
    private final Optional<Duration> watchdog;

    private SystemdNotify(String socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** Creates a notifier from NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of an environment. */
    public static SystemdNotify from(Map<String, String> environment, long pid) {
        String watchdogPid = environment.getOrDefault("WATCHDOG_PID", "");
        boolean forUs = watchdogPid.isEmpty() || watchdogPid.equals(Long.toString(pid));
        Optional<Duration> watchdog = Optional.ofNullable(environment.get("WATCHDOG_USEC"))
                .filter(text -> forUs && text.matches("[1-9]\\d{0,17}"))
                .map(text -> Duration.ofNanos(Math.multiplyExact(Math.min(Long.parseLong(text), 1L << 52), 1000)));
        return new SystemdNotify(environment.getOrDefault("NOTIFY_SOCKET", ""), watchdog);
    }

    /** Reports that the daemon has started. */
    public void ready(String status) {
        send("READY=1", "STATUS=" + oneLine(status));
    }

    /** Reports that the daemon is about to end. */
    public void stopping() {
        send("STOPPING=1");
    }

    /** The watchdog period; empty if the service manager does not watch. */
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /**
     * Reports three times in each watchdog period the status line, and, while {@code healthy} returns
     * true, that the daemon is alive. Empty if the service manager does not watch.
     *
     * @param status one line for {@code systemctl status}
     */
    public Optional<Loop> keepAlive(BooleanSupplier healthy, Supplier<String> status) {
        Objects.requireNonNull(healthy, "healthy");
        Objects.requireNonNull(status, "status");
        return watchdog.filter(_ -> !socket.isEmpty()).map(period -> {
            Duration pause = period.dividedBy(3);
            return Loop.start("watchdog", pause, pause, () -> {
                String line = "STATUS=" + oneLine(status.get());
                if (healthy.getAsBoolean()) {
                    send("WATCHDOG=1", line);
                } else {
                    send(line);
                }
                return pause;
            });
        });
    }

    private void send(String... assignments) {
        if (socket.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("systemd-notify", "--no-block"));
        command.addAll(List.of(assignments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().put("NOTIFY_SOCKET", socket);
        try {
            Process process = builder.start();
            int status = process.waitFor(); // before the read, which would hold the carrier of a virtual thread
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (status != 0) {
                LOG.warn("cannot notify the service manager of {}: {}", assignments[0], output);
            }
        } catch (IOException e) {
            LOG.warn("cannot notify the service manager of {}: {}", assignments[0], e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }
}
