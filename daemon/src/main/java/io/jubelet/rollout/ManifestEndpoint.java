/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.api.RequestHandler;
import io.jubelet.desired.DesiredPods;
import io.jubelet.desired.ManifestNames;
import io.jubelet.desired.ManifestSource;
import io.jubelet.document.JsonText;
import io.jubelet.pod.ConfigMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Serves what commands need to check and to install a manifest: how the daemon reads its directory, and the ConfigMaps that it
 * has accepted. Secrets are not served.
 */
public final class ManifestEndpoint implements RequestHandler {

    /** The path of the settings of the directory. */
    public static final String DIRECTORY = "jubelet/v1/manifest-directory";

    /** The path of a ConfigMap, before namespace and name. */
    public static final String CONFIG_MAPS = "jubelet/v1/configmaps";

    private static final JsonFactory FACTORY = new JsonFactory();

    private final ManifestSource source;
    private final Supplier<DesiredPods> desired;

    /**
     * @param source how the directory is read
     * @param desired what is desired now
     */
    public ManifestEndpoint(ManifestSource source, Supplier<DesiredPods> desired) {
        this.source = Objects.requireNonNull(source, "source");
        this.desired = Objects.requireNonNull(desired, "desired");
    }

    /** The paths that this serves. */
    public Map<String, RequestHandler> byPath() {
        return Map.of(DIRECTORY, this, CONFIG_MAPS, this);
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException {
        List<String> path = request.path();
        if (path.size() == 3 && path.get(2).equals("manifest-directory")) {
            try (JsonGenerator out = FACTORY.createGenerator(response)) {
                directory(out);
            }
        } else if (path.size() == 5 && path.get(2).equals("configmaps")) {
            ConfigMap map = desired.get()
                    .localConfig()
                    .configMap(path.get(3), path.get(4))
                    .orElseThrow(() -> ApiError.notFound(
                            "configmaps \"" + path.get(4) + "\" not found in namespace \"" + path.get(3) + "\""));
            response.write(text(map).getBytes(StandardCharsets.UTF_8));
        } else {
            throw ApiError.notFound("the server could not find the requested resource");
        }
        response.write('\n');
    }

    private void directory(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("path", source.path().toString());
        out.writeBooleanField("singleFile", Files.isRegularFile(source.path()));
        out.writeStringField("node", source.nodes().current());
        out.writeBooleanField("localConfig", source.localConfig());
        out.writeStringField("manifestNames", source.names() == ManifestNames.KUBELET ? "kubelet" : "yaml");
        out.writeNumberField("uid", (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        out.writeEndObject();
    }

    /** A ConfigMap as compact JSON with sorted keys, without its labels and annotations, which have no effect. */
    public static String text(ConfigMap map) {
        return JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("apiVersion", "v1");
            out.writeStringField("kind", "ConfigMap");
            out.writeObjectFieldStart("metadata");
            out.writeStringField("name", map.name());
            out.writeStringField("namespace", map.namespace());
            out.writeEndObject();
            if (map.immutable()) {
                out.writeBooleanField("immutable", true);
            }
            out.writeObjectFieldStart("data");
            for (Map.Entry<String, String> entry : new TreeMap<>(map.data()).entrySet()) {
                out.writeStringField(entry.getKey(), entry.getValue());
            }
            out.writeEndObject();
            out.writeObjectFieldStart("binaryData");
            for (String key : new TreeMap<>(map.binaryData()).keySet()) {
                out.writeBinaryField(
                        key, Objects.requireNonNull(map.binaryData().get(key)).toArray());
            }
            out.writeEndObject();
            out.writeEndObject();
        });
    }
}
