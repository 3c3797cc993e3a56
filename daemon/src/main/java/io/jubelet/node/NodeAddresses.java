/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The IP addresses of the node, which may change while the daemon runs: a network might come up
 * after it, and a lease may bring another address. They are read when they are needed and older than
 * {@value #MAX_AGE_SECONDS} seconds, or than one second while there are none. Safe for use by many
 * threads.
 */
public final class NodeAddresses implements Supplier<List<String>> {

    private static final Logger LOG = LoggerFactory.getLogger(NodeAddresses.class);
    private static final int MAX_AGE_SECONDS = 10;
    private static final long MAX_AGE = Duration.ofSeconds(MAX_AGE_SECONDS).toNanos();
    private static final long MAX_AGE_OF_NONE = Duration.ofSeconds(1).toNanos();

    private final Supplier<List<String>> source;
    private final LongSupplier nanoTime;
    private final Runnable listener;
    private volatile Known known;

    private record Known(List<String> addresses, long readAt) {}

    /**
     * A network interface.
     *
     * @param bridge whether it connects other interfaces, such as those of pods
     * @param addresses in the order of the kernel; none if the interface is down
     */
    record Interface(String name, boolean bridge, List<InetAddress> addresses) {}

    /** Reads an interface that was listed; throws if there is no such interface any more. */
    @FunctionalInterface
    interface InterfaceReader<T> {
        Interface read(T listed) throws SocketException;
    }

    /**
     * @param source reads the addresses
     * @param nanoTime a clock such as {@link System#nanoTime}
     * @param listener called after the addresses have changed, by the thread that noticed it
     */
    NodeAddresses(Supplier<List<String>> source, LongSupplier nanoTime, Runnable listener) {
        this.source = Objects.requireNonNull(source, "source");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
        this.listener = Objects.requireNonNull(listener, "listener");
        this.known = new Known(source.get(), nanoTime.getAsLong());
    }

    /**
     * The addresses of this host.
     *
     * @param listener called after they have changed, by the thread that noticed it
     */
    public static NodeAddresses ofHost(Runnable listener) {
        return new NodeAddresses(() -> read(Path.of("/")), System::nanoTime, listener);
    }

    /** The primary one first, and IPv4 before IPv6; may be empty. */
    @Override
    public List<String> get() {
        Known last = known;
        long maxAge = last.addresses().isEmpty() ? MAX_AGE_OF_NONE : MAX_AGE;
        if (nanoTime.getAsLong() - last.readAt() < maxAge) {
            return last.addresses();
        }
        Known now = new Known(source.get(), nanoTime.getAsLong());
        known = now;
        if (!now.addresses().equals(last.addresses())) {
            LOG.info("the addresses of this node changed from {} to {}", last.addresses(), now.addresses());
            listener.run();
        }
        return now.addresses();
    }

    private static List<String> read(Path root) {
        List<NetworkInterface> listed;
        try {
            listed = Collections.list(NetworkInterface.getNetworkInterfaces());
        } catch (SocketException e) {
            LOG.debug("cannot list the network interfaces: {}", e.toString());
            return List.of();
        }
        return choose(readAll(listed, each -> read(each, root)), withDefaultRoute(root));
    }

    private static Interface read(NetworkInterface each, Path root) throws SocketException {
        Path bridge = root.resolve("sys/class/net").resolve(each.getName()).resolve("bridge");
        List<InetAddress> addresses = each.isUp() ? Collections.list(each.getInetAddresses()) : List.of();
        return new Interface(each.getName(), Files.exists(bridge), addresses);
    }

    /** Leaves out interfaces that cannot be read: those of pods come and go while they are listed. */
    static <T> List<Interface> readAll(List<T> listed, InterfaceReader<T> reader) {
        List<Interface> interfaces = new ArrayList<>();
        for (T each : listed) {
            try {
                interfaces.add(reader.read(each));
            } catch (SocketException e) {
                LOG.debug("the network interface {} cannot be read: {}", each, e.toString());
            }
        }
        return interfaces;
    }

    /**
     * The addresses that other machines may reach: those of the interface with the default route; if
     * it has none, those of the first interface that has any, bridges last because the node's own
     * pods are behind most of them.
     */
    static List<String> choose(List<Interface> interfaces, Set<String> withDefaultRoute) {
        List<String> preferred = addresses(interfaces, each -> withDefaultRoute.contains(each.name()));
        if (!preferred.isEmpty()) {
            return preferred;
        }
        List<Interface> ordered = interfaces.stream()
                .sorted(Comparator.comparing(Interface::bridge))
                .toList();
        for (Interface each : ordered) {
            List<String> addresses = addresses(List.of(each), _ -> true);
            if (!addresses.isEmpty()) {
                return addresses;
            }
        }
        return List.of();
    }

    private static List<String> addresses(List<Interface> interfaces, Predicate<Interface> chosen) {
        return interfaces.stream()
                .filter(chosen)
                .flatMap(each -> each.addresses().stream())
                .filter(NodeAddresses::global)
                .map(NodeFacts::text)
                .sorted(Comparator.comparing(address -> address.contains(":")))
                .toList();
    }

    private static boolean global(InetAddress address) {
        return !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isAnyLocalAddress()
                && !address.isMulticastAddress();
    }

    /** The interfaces with a default route for IPv4 or IPv6. */
    static Set<String> withDefaultRoute(Path root) {
        Set<String> names = new HashSet<>();
        for (String line : NodeFacts.lines(root.resolve("proc/net/route"))) {
            String[] fields = line.split("\\s+");
            if (fields.length > 7 && fields[1].equals("00000000") && fields[7].equals("00000000")) {
                names.add(fields[0]);
            }
        }
        for (String line : NodeFacts.lines(root.resolve("proc/net/ipv6_route"))) {
            String[] fields = line.split("\\s+");
            if (fields.length > 9 && fields[0].equals("0".repeat(32)) && fields[1].equals("00")) {
                names.add(fields[9]);
            }
        }
        return names;
    }
}
