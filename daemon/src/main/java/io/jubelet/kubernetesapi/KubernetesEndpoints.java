/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.api.LogEndpoint;
import io.jubelet.api.RequestHandler;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Serves the paths of the Kubernetes API. Runs on the thread of the request, which can block. */
final class KubernetesEndpoints implements RequestHandler {

    /** Who acts, in the log: there is one certificate for all clients. */
    private static final String CLIENT_NAME = "the holder of the kubeconfig";

    /** The header that says whom a client claims to be. */
    private static final String IMPERSONATED = "Impersonate-User";

    private final ObjectStore store;
    private final ObjectWriter writer;
    private final Discovery discovery;
    private final OpenApi openApi;
    private final ListEndpoint lists;
    private final WatchEndpoint watches;
    private final MetricsEndpoint metrics;
    private final WriteRefusal refusal;
    private final ReviewEndpoint reviews;
    private final Access access;

    /**
     * What a client may reach besides lists and watches.
     *
     * @param trusts whether the chain of certificates of a client is trusted now
     * @param streams serves the kubelet's paths for exec, attach and port-forward
     */
    record Access(
            Predicate<List<X509Certificate>> trusts,
            LogEndpoint logs,
            KubernetesApi.UsageSource usage,
            RequestHandler streams) {
        Access {
            Objects.requireNonNull(trusts, "trusts");
            Objects.requireNonNull(logs, "logs");
            Objects.requireNonNull(usage, "usage");
            Objects.requireNonNull(streams, "streams");
        }
    }

    KubernetesEndpoints(
            ObjectSource source, ObjectStore store, ObjectWriter writer, Discovery discovery, Access access) {
        this.store = store;
        this.writer = writer;
        this.discovery = discovery;
        this.openApi = new OpenApi(writer, source.version());
        this.lists = new ListEndpoint(store, writer);
        this.watches = new WatchEndpoint(store, writer);
        this.metrics = new MetricsEndpoint(store, writer, access.usage());
        this.refusal = new WriteRefusal(source);
        this.reviews = new ReviewEndpoint(writer, refusal);
        this.access = access;
    }

    /** Refuses what writes here as well, because the reason depends on the object. */
    @Override
    public Optional<String> authorize(Channel channel, HttpRequest head, ApiRequest request) {
        List<X509Certificate> client = certificates(channel);
        if (client.isEmpty() || !access.trusts().test(client)) {
            throw ApiError.unauthorized("the client has no valid certificate; jubelet kubeconfig prints one");
        }
        HttpMethod method = head.method();
        Target target = Target.of(request.path());
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        if (request.header(IMPERSONATED).isPresent()) {
            throw ApiError.forbidden("this API of a node has one user, who cannot impersonate others");
        }
        if (!reads && !(method.equals(HttpMethod.POST) && acceptsPost(request))) {
            throw refusal.of(method.name(), target);
        }
        return Optional.of(CLIENT_NAME);
    }

    @Override
    public boolean acceptsPost(ApiRequest request) {
        return Target.of(request.path()).streams() || ReviewEndpoint.serves(request.path());
    }

    /** Only reviews have a body that matters. */
    @Override
    public int bodyLimit(HttpRequest head) {
        return head.method().equals(HttpMethod.POST) && head.uri().startsWith("/apis/auth")
                ? AccessAttributes.MAX_BYTES
                : 0;
    }

    @Override
    public boolean acceptsLongLines() {
        return true;
    }

    private static List<X509Certificate> certificates(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        List<X509Certificate> certificates = new ArrayList<>();
        if (tls != null) {
            try {
                for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                    certificates.add((X509Certificate) certificate);
                }
            } catch (SSLPeerUnverifiedException _) {
                return List.of(); // the client shows none
            }
        }
        return certificates;
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        Target target = Target.of(request.path());
        if (!target.isServed()) {
            throw Target.notFound();
        }
        switch (target) {
            case Target.Document(String path) -> document(path, request, response);
            case Target.InNamespace(ResourceKind kind, String namespace) ->
                objects(kind, Optional.of(namespace), request, response);
            case Target.InCluster(ResourceKind kind, Optional<ResourceName> name, Optional<String> below) -> {
                if (name.isEmpty()) {
                    objects(kind, Optional.empty(), request, response);
                } else if (below.isEmpty()) {
                    Representation form = Representation.of(request);
                    ObjectStore.Item item = find(kind, name.get());
                    response.head(200, form.contentType());
                    writer.object(response, item, form);
                } else if (below.get().equals("log")) {
                    access.logs()
                            .copy(
                                    name.get().namespace().orElseThrow(),
                                    name.get().name(),
                                    container(name.get(), request),
                                    request,
                                    response);
                } else {
                    stream(below.get(), name.get(), request, response);
                }
            }
        }
    }

    private void objects(ResourceKind kind, Optional<String> namespace, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        Selection selection = Selection.of(request, namespace);
        if (request.flag("watch")) {
            watches.serve(kind, selection, request, response);
        } else {
            lists.serve(kind, selection, request, response);
        }
    }

    private ObjectStore.Item find(ResourceKind kind, ResourceName name) throws IOException, InterruptedException {
        for (ObjectStore.Item item : store.list(kind).items()) {
            if (item.object().metadata().name().equals(name)) {
                return item;
            }
        }
        throw ApiError.notFound(kind.plural() + " \"" + name.name() + "\" not found");
    }

    /** The container that a request names, or the only one of the pod. */
    private String container(ResourceName pod, ApiRequest request) throws IOException, InterruptedException {
        ObjectStore.Item item = find(ResourceKind.PODS, pod);
        List<String> containers = ((PodObject) item.object()).containers();
        String container = request.text("container", containers.size() == 1 ? containers.getFirst() : "");
        if (container.isEmpty()) {
            throw ApiError.badRequest(
                    "a container name must be specified for pod " + pod.name() + ", choose one of: " + containers);
        }
        return container;
    }

    /** The parameters are those of the kubelet, and the path says the rest. */
    private void stream(String kind, ResourceName pod, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        String namespace = pod.namespace().orElseThrow();
        List<String> path = kind.equals("portforward")
                ? List.of("portForward", namespace, pod.name())
                : List.of(kind, namespace, pod.name(), container(pod, request));
        if (kind.equals("portforward")) {
            ObjectStore.Item _ = find(ResourceKind.PODS, pod);
        }
        Map<String, List<String>> query = new HashMap<>(request.query());
        if (query.containsKey("ports")) {
            query.put("port", query.get("ports")); // as the kubelet calls it
        }
        access.streams().serve(new ApiRequest(request.head(), path, query, request.client()), response);
    }

    private void document(String path, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        switch (path) {
            case "" -> discovery.paths(response);
            case "version" -> discovery.version(response);
            case "api" -> discovery.core(request, response);
            case "api/v1" -> discovery.resources(response);
            case "apis" -> discovery.groups(request, response);
            case "openapi/v2" -> openApi.v2(request, response);
            case "openapi/v3" -> openApi.index(response);
            case "openapi/v3/api/v1" -> openApi.v3(response);
            case "healthz", "livez", "readyz" -> {
                response.head(200, "text/plain; charset=utf-8");
                response.write("ok".getBytes(StandardCharsets.US_ASCII));
            }
            default -> inGroup(request.path(), request, response);
        }
    }

    /** Serves a path below {@code /apis}. */
    private void inGroup(List<String> path, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        if (path.size() < 2 || !path.getFirst().equals("apis")) {
            throw Target.notFound();
        }
        Discovery.Group group = Discovery.Group.of(path.get(1)).orElseThrow(Target::notFound);
        if (path.size() == 2) {
            discovery.group(group, response);
        } else if (!path.get(2).equals(group.version())) {
            throw Target.notFound();
        } else if (path.size() == 3) {
            discovery.resources(group, response);
        } else if (group == Discovery.Group.METRICS) {
            metrics.serve(path.subList(3, path.size()), request, response);
        } else if (!ReviewEndpoint.serves(path)) {
            throw Target.notFound();
        } else if (request.method().equals(HttpMethod.POST)) {
            X509Certificate certificate = certificates(response.channel()).stream()
                    .findFirst()
                    .orElseThrow(() -> ApiError.unauthorized("the client has closed the connection"));
            reviews.serve(request, certificate, response);
        } else {
            throw ApiError.methodNotAllowed("a review is created by POST, and not stored");
        }
    }
}
