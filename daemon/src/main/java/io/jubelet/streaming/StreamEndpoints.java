/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.api.RequestHandler;
import io.jubelet.api.RequestShares;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StreamOptions;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.status.StatusStore;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /exec}, {@code /attach}, {@code /portForward} and {@code /run} with the paths and parameters of the kubelet.
 * Each use is logged. Safe for use by many threads.
 */
public final class StreamEndpoints implements RequestHandler {

    private static final Logger LOG = LoggerFactory.getLogger(StreamEndpoints.class);

    private static final Set<String> PATHS = Set.of("exec", "attach", "portForward", "run");

    /** How many streams are served at the same time, those of root included. */
    static final int MAX_STREAMS = 160;
    /** How many of them may be for other clients; the rest is kept for root. */
    static final int MAX_STREAMS_OF_OTHERS = 144;
    /** How many streams one user or one address may have, which can be that of the API server. */
    static final int MAX_STREAMS_OF_ONE_CLIENT = 128;
    /** How many ports one request may name. */
    static final int MAX_PORTS = 64;
    /** How much of a command is logged, in characters. */
    private static final int MAX_LOGGED = 1024;

    private final PodTargets targets;
    private final RuntimeService runtime;
    private final RequestShares shares =
            new RequestShares("streams", MAX_STREAMS, MAX_STREAMS_OF_OTHERS, MAX_STREAMS_OF_ONE_CLIENT);

    /**
     * @param board the status of the pods
     * @param runtime the runtime that the pods run on
     */
    public StreamEndpoints(StatusStore board, RuntimeService runtime) {
        this.targets = new PodTargets(board);
        this.runtime = Objects.requireNonNull(runtime, "runtime");
    }

    @Override
    public boolean acts(ApiRequest request) {
        return true;
    }

    @Override
    public boolean acceptsPost(ApiRequest request) {
        return true;
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        List<String> path = request.path();
        String first = path.isEmpty() ? "" : path.getFirst();
        boolean ports = first.equals("portForward");
        int names = ports ? 3 : 4;
        if (!PATHS.contains(first) || path.size() < names || path.size() > names + 1) {
            throw ApiError.notFound("write /" + first + "/NAMESPACE/POD" + (ports ? "" : "/CONTAINER"));
        }
        try {
            if (ports) {
                forward(request, uid(path, 3), response);
            } else {
                inContainer(request, uid(path, 3), response);
            }
        } catch (CriException failed) {
            throw error(failed);
        }
    }

    /** The kubelet's paths can have the UID of the pod behind its name. */
    private static Optional<String> uid(List<String> path, int at) {
        boolean ports = path.getFirst().equals("portForward");
        return path.size() == (ports ? 4 : 5) ? Optional.of(path.get(at)) : Optional.empty();
    }

    private static ApiError error(CriException failed) {
        return switch (failed) {
            case CriException.NotFound _ -> ApiError.notFound("the container is gone: " + failed.getMessage());
            case CriException.Unavailable _ ->
                ApiError.unavailable("the container runtime cannot be reached: " + failed.getMessage());
            case CriException.DeadlineExceeded _ ->
                ApiError.unavailable("the container runtime did not answer in time: " + failed.getMessage());
            default -> ApiError.internal(String.valueOf(failed.getMessage()));
        };
    }

    private void inContainer(ApiRequest request, Optional<String> uid, ApiResponse response)
            throws IOException, InterruptedException {
        List<String> path = request.path();
        String name = path.getLast();
        ObservedContainer container = targets.container(path.get(1), path.get(2), uid, name);
        switch (path.getFirst()) {
            case "exec" -> {
                List<String> command = request.query().getOrDefault("command", List.of());
                if (command.isEmpty()) {
                    throw ApiError.badRequest("parameter command is missing");
                }
                StreamOptions options = options(request);
                Upgrade upgrade = Upgrade.of(request, true);
                log(request, shown(command));
                stream(request, upgrade, runtime.exec(container.id(), command, options), options, response);
            }
            case "attach" -> {
                StreamOptions options = options(request);
                Upgrade upgrade = Upgrade.of(request, true);
                log(request, "");
                stream(request, upgrade, runtime.attach(container.id(), options), options, response);
            }
            default -> run(request, container, response);
        }
    }

    /** The command is split at spaces, as the kubelet does. */
    private void run(ApiRequest request, ObservedContainer container, ApiResponse response) throws IOException {
        List<String> command = Arrays.asList(request.text("cmd", "").split(" "));
        if (command.getFirst().isEmpty()) {
            throw ApiError.badRequest("parameter cmd is missing");
        }
        log(request, shown(command));
        try (RequestShares.Share _ = shares.take(request.client())) {
            ExecResult result = runtime.execSync(container.id(), command, Duration.ZERO);
            if (result.exitCode() != 0) {
                throw ApiError.internal("command '" + String.join(" ", command) + "' exited with " + result.exitCode()
                        + ": " + result.stderrText());
            }
            response.head(200, "text/plain; charset=utf-8");
            response.write(result.stdout());
            response.write(result.stderr());
        }
    }

    private void forward(ApiRequest request, Optional<String> uid, ApiResponse response)
            throws IOException, InterruptedException {
        List<String> path = request.path();
        ObservedSandbox sandbox = targets.sandbox(path.get(1), path.get(2), uid);
        Upgrade upgrade = Upgrade.of(request, false);
        // In SPDY each stream names its port.
        boolean webSocket = request.header("Sec-WebSocket-Key").isPresent() && upgrade.kind() == Upgrade.Kind.SAME;
        List<Integer> ports = webSocket ? ports(request) : List.of();
        log(request, ports.isEmpty() ? "" : ports.toString());
        stream(
                request,
                upgrade,
                runtime.portForward(sandbox.id(), ports),
                new StreamOptions(false, true, true, false),
                response);
    }

    private static List<Integer> ports(ApiRequest request) {
        List<Integer> ports = new ArrayList<>();
        for (String value : request.query().getOrDefault("port", List.of())) {
            for (String text : value.split(",")) {
                int port;
                try {
                    port = Integer.parseInt(text);
                } catch (NumberFormatException _) {
                    port = 0; // reported below
                }
                if (port < 1 || port > 65535) {
                    throw ApiError.badRequest("parameter port must be 1 to 65535, not \"" + text + "\"");
                }
                ports.add(port);
            }
        }
        if (ports.isEmpty() || ports.size() > MAX_PORTS) {
            throw ApiError.badRequest("parameter port must be given, at most " + MAX_PORTS + " times");
        }
        return ports;
    }

    /** The parameters have other names in the kubelet than in an API server. */
    private static StreamOptions options(ApiRequest request) {
        boolean tty = request.flag("tty");
        boolean stdin = request.flag("stdin") || request.flag("input");
        boolean stdout = request.flag("stdout") || request.flag("output");
        boolean stderr = request.flag("stderr") || request.flag("error");
        if (!stdin && !stdout && !stderr) {
            throw ApiError.badRequest("you must specify at least 1 of stdin, stdout, stderr");
        }
        if (tty && stderr && !stdin && !stdout) {
            throw ApiError.badRequest("a terminal has no separate stderr; specify stdout");
        }
        return new StreamOptions(tty, stdin, stdout, stderr && !tty);
    }

    /** A command as it is logged: its words that fit, and an ellipsis for the rest. */
    private static String shown(List<String> command) {
        StringBuilder shown = new StringBuilder("[");
        for (String word : command) {
            if (shown.length() > MAX_LOGGED) {
                break;
            }
            shown.append(shown.length() > 1 ? ", " : "").append(word, 0, Math.min(word.length(), MAX_LOGGED + 1));
        }
        return shown.append(']').toString();
    }

    private static void log(ApiRequest request, String what) {
        LOG.info(
                "{} in /{} by {}: {}",
                request.path().getFirst(),
                String.join("/", request.path().subList(1, request.path().size())),
                request.client().identity().get(),
                what.length() > MAX_LOGGED ? what.substring(0, MAX_LOGGED) + "..." : what);
    }

    private void stream(ApiRequest request, Upgrade upgrade, URI url, StreamOptions options, ApiResponse response)
            throws IOException, InterruptedException {
        RequestShares.Share share = shares.take(request.client());
        boolean joined = false;
        try {
            EventLoop loop = response.channel().eventLoop();
            RuntimeStream stream = RuntimeStream.open(url, loop, upgrade.toRuntime(url));
            try {
                response.takeOver(pipeline -> Bridge.join(pipeline, stream, upgrade, options));
                joined = true;
            } finally {
                if (!joined) {
                    stream.channel().close();
                }
            }
            response.channel().closeFuture().addListener(_ -> share.close());
        } finally {
            if (!joined) {
                share.close();
            }
        }
    }
}
