/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.printing.Json;
import io.jubelet.printing.Table;
import io.jubelet.remotecommand.ForwardedConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet port-forward}. */
@Command(
        name = "port-forward",
        header = "Forward ports of this machine to a pod.",
        description = {
            "",
            "Connections to the local ports are continued to the ports of the pod, until you press Ctrl-C. If the pod is",
            "replaced because its manifest changed, new connections reach the new one.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet port-forward web 8080:80         http://localhost:8080 is port 80 of the pod",
            "  jubelet port-forward web 5432            the same port on both sides",
            "  jubelet port-forward web :80             any free local port; the first line says which",
            "  jubelet port-forward web 8080:http 9090  a port by its name in the manifest, and another one",
            "  jubelet port-forward web 8080:80 --address 192.0.2.1",
            "",
            "Root and members of the group of --api-admin-group may forward ports; the daemon logs it.",
            "Exit code: 1 error, 2 wrong usage, 130 ended by Ctrl-C."
        })
final class PortForward implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    private SocketOption socket;

    @Parameters(index = "0", paramLabel = "POD", description = "The pod: web, web-<node>, pod/web, or namespace/web.")
    private String argument;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "[LOCAL:]REMOTE",
            description = "A local port and the port of the pod, which can be a name.")
    private List<String> ports;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Namespace of the pod; needed only if several pods have the name.")
    private @Nullable String namespace;

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            split = ",",
            defaultValue = "localhost",
            description =
                    "Addresses to listen on: IP addresses, or localhost for 127.0.0.1 and ::1. Default: localhost.")
    private List<String> addresses;

    PortForward(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call()
            throws ClientException, IOException, Names.NotFoundException, CommandException, InterruptedException {
        Json item = Names.of(argument, namespace)
                .only(socket.get("/jubelet/v1/pods").at("items").items());
        Json pod = item.at("pod");
        String phase = pod.at("status", "phase").text();
        if (!phase.equals("Running")) {
            throw new CommandException("unable to forward port because pod is not running. Current status=" + phase);
        }
        List<PortPair> pairs = new ArrayList<>();
        for (String port : ports) {
            pairs.add(PortPair.parse(port, pod));
        }
        String name = item.at("name").text();
        String inNamespace = pod.at("metadata", "namespace").text();
        // Says at once, and not at the first connection, that this user must not do this.
        ForwardedConnection.open(socket.client(), inNamespace, name).close();
        List<Listener> listeners = new ArrayList<>();
        for (PortPair pair : pairs) {
            listeners.addAll(listen(pair));
        }
        List<Thread> acceptors = new ArrayList<>();
        for (Listener listener : listeners) {
            acceptors.add(Thread.ofVirtual().start(() -> accept(listener, inNamespace, name)));
        }
        terminal.out().flush();
        for (Thread acceptor : acceptors) {
            acceptor.join();
        }
        return 1;
    }

    /** A local port that is open. */
    private record Listener(ServerSocketChannel channel, int local, int remote) {}

    private List<Listener> listen(PortPair pair) throws CommandException {
        List<Listener> listeners = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        int local = pair.local();
        for (String address : addresses) {
            for (String literal : address.equals("localhost") ? List.of("127.0.0.1", "::1") : List.of(address)) {
                String shown = literal.contains(":") ? "[" + literal + "]" : literal;
                try {
                    ServerSocketChannel channel = ServerSocketChannel.open();
                    channel.bind(new InetSocketAddress(InetAddress.ofLiteral(literal), local));
                    local = ((InetSocketAddress) channel.getLocalAddress()).getPort();
                    listeners.add(new Listener(channel, local, pair.remote()));
                    terminal.out().println("Forwarding from " + shown + ":" + local + " -> " + pair.remote());
                } catch (IOException | IllegalArgumentException failed) {
                    failures.add(shown + ":" + local + ": " + failed.getMessage());
                }
            }
        }
        if (listeners.isEmpty()) {
            throw new CommandException("unable to listen on port " + local + ": " + String.join("; ", failures));
        }
        return listeners;
    }

    private void accept(Listener listener, String inNamespace, String pod) {
        try (ServerSocketChannel channel = listener.channel()) {
            while (true) {
                SocketChannel client = channel.accept();
                print("Handling connection for " + listener.local());
                Thread.ofVirtual().start(() -> forward(client, listener, inNamespace, pod));
            }
        } catch (IOException failed) {
            report(listener, "cannot accept connections any more: " + failed.getMessage());
        }
    }

    private void forward(SocketChannel client, Listener listener, String inNamespace, String pod) {
        try (client) {
            ForwardedConnection.open(socket.client(), inNamespace, pod)
                    .forward(client, listener.remote())
                    .ifPresent(message -> report(listener, message));
        } catch (ClientException refused) {
            report(listener, String.valueOf(refused.getMessage()));
        } catch (IOException lost) {
            report(listener, "lost connection: " + lost.getMessage());
        }
    }

    private synchronized void print(String line) {
        terminal.out().println(line);
        terminal.out().flush();
    }

    private synchronized void report(Listener listener, String message) {
        terminal.err()
                .println(Table.printable("error: an error occurred forwarding " + listener.local() + " -> "
                        + listener.remote() + ": " + message.strip()));
    }
}
