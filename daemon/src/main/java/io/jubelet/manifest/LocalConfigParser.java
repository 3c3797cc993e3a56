/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.Documents;
import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.ConfigObject;
import io.jubelet.pod.Secret;
import io.jubelet.schema.LocalConfigFields;
import io.jubelet.schema.Names;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses a ConfigMap or Secret of a manifest, and validates it as an API server does. Not thread-safe.
 *
 * <p>A finding never quotes a value of {@code data}, {@code stringData} or {@code binaryData},
 * because findings are logged.
 */
final class LocalConfigParser {

    private static final int MAX_BYTES = 1 << 20;
    private static final String DOCKER_CONFIG = ".dockerconfigjson";
    private static final String OLD_DOCKER_CONFIG = ".dockercfg";
    private static final String ACCOUNT = "kubernetes.io/service-account.name";

    private final Findings findings;

    LocalConfigParser(Findings findings) {
        this.findings = findings;
    }

    /** The object of a document of one of the two kinds; null, with findings, when there are errors. */
    @Nullable
    ConfigObject parse(Node.Mapping document, String kind) {
        int errorsBefore = findings.errorCount();
        boolean secret = kind.equals("Secret");
        FieldTable table = secret ? LocalConfigFields.SECRET : LocalConfigFields.CONFIG_MAP;
        FieldReader reader = FieldReader.open(document, table, () -> LocalConfigFields.tree(table), findings);
        String version = reader.requiredText("apiVersion", "v1");
        if (version != null && !version.equals("v1")) {
            reader.error("apiVersion", "must be v1 for a " + kind + ", but is \"" + version + "\"");
        }
        if (!reader.has("metadata")) {
            reader.error("metadata", "is required; write \"metadata:\" and below it \"name: my-config\"");
            return null;
        }
        FieldReader metadata = reader.mapping("metadata", LocalConfigFields.METADATA);
        if (metadata == null) {
            return null;
        }
        String namespace = MetadataParser.namespace(metadata);
        String name = metadata.requiredText("name", "my-config");
        if (name != null) {
            metadata.note("name", Names.checkSubdomain(name));
        }
        MetadataParser.labels(metadata);
        Map<String, String> annotations = MetadataParser.annotations(metadata);
        boolean immutable = reader.flag("immutable", false);
        ConfigObject object = secret
                ? secret(reader, namespace, name, annotations, immutable)
                : configMap(reader, namespace, name, immutable);
        return findings.errorCount() > errorsBefore ? null : object;
    }

    /** Null, with a finding, when the name is missing. */
    private @Nullable ConfigMap configMap(
            FieldReader reader, String namespace, @Nullable String name, boolean immutable) {
        Map<String, String> data = texts(reader, "data");
        Map<String, Bytes> binary = bytes(reader, "binaryData");
        for (Node.Entry entry : entries(reader, "binaryData")) {
            if (data.containsKey(entry.key())) {
                error(reader, "binaryData", entry, "is also a key of data; rename or remove one of the two");
            }
        }
        long size = binary.values().stream().mapToLong(Bytes::size).sum();
        for (String text : data.values()) {
            size += Bytes.of(text).size();
        }
        checkSize(reader, reader.has("data") ? "data" : "binaryData", size);
        return name == null ? null : new ConfigMap(namespace, name, immutable, data, binary);
    }

    /** Null, with a finding, when the name is missing. */
    private @Nullable Secret secret(
            FieldReader reader,
            String namespace,
            @Nullable String name,
            Map<String, String> annotations,
            boolean immutable) {
        Map<String, Bytes> data = new HashMap<>(bytes(reader, "data"));
        texts(reader, "stringData").forEach((key, text) -> data.put(key, Bytes.of(text)));
        checkSize(reader, "data", data.values().stream().mapToLong(Bytes::size).sum());
        String type = reader.text("type", "");
        checkType(reader, type, data, annotations);
        return name == null ? null : new Secret(namespace, name, type.isEmpty() ? "Opaque" : type, immutable, data);
    }

    private static void checkSize(FieldReader reader, String field, long bytes) {
        if (bytes > MAX_BYTES) {
            reader.error(field, "the values have " + bytes + " bytes in all; at most 1048576 (1 MiB) are allowed");
        }
    }

    /** Checks the keys that the type of a Secret requires. Source: the Kubernetes page on types of Secret. */
    private static void checkType(
            FieldReader reader, String type, Map<String, Bytes> data, Map<String, String> annotations) {
        switch (type) {
            case "kubernetes.io/dockerconfigjson" -> checkJson(reader, type, data, DOCKER_CONFIG);
            case "kubernetes.io/dockercfg" -> checkJson(reader, type, data, OLD_DOCKER_CONFIG);
            case "kubernetes.io/basic-auth" -> {
                if (!data.containsKey("username") && !data.containsKey("password")) {
                    reader.error("data", "must have the key username or password because its type is " + type);
                }
            }
            case "kubernetes.io/ssh-auth" -> {
                if (!data.containsKey("ssh-privatekey")
                        || data.get("ssh-privatekey").size() == 0) {
                    reader.error("data", "must have a value for the key ssh-privatekey because its type is " + type);
                }
            }
            case "kubernetes.io/tls" -> {
                requireKey(reader, type, data, "tls.crt");
                requireKey(reader, type, data, "tls.key");
            }
            case "kubernetes.io/service-account-token" -> {
                if (annotations.getOrDefault(ACCOUNT, "").isEmpty()) {
                    reader.error("metadata", "must have the annotation " + ACCOUNT + " because its type is " + type);
                }
            }
            default -> {}
        }
    }

    private static boolean requireKey(FieldReader reader, String type, Map<String, Bytes> data, String key) {
        if (data.containsKey(key)) {
            return true;
        }
        reader.error("data", "must have the key " + key + " because its type is " + type);
        return false;
    }

    private static void checkJson(FieldReader reader, String type, Map<String, Bytes> data, String key) {
        Bytes value = data.get(key);
        if (requireKey(reader, type, data, key) && value != null) {
            String text = value.text().orElse("");
            if (!(Documents.readJson(text, new Findings()) instanceof Node.Mapping)) {
                reader.error(
                        "data", "the value of the key " + key + " must be a JSON object because its type is " + type);
            }
        }
    }

    // --- values

    private Map<String, String> texts(FieldReader reader, String field) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Node.Entry entry : entries(reader, field)) {
            checkKey(reader, field, entry);
            if (entry.value().isNull()) {
                texts.put(entry.key(), "");
            } else if (entry.value() instanceof Node.Scalar scalar && scalar.type() == Node.Type.STRING) {
                texts.put(entry.key(), scalar.value());
            } else {
                notText(reader, field, entry);
            }
        }
        return texts;
    }

    private Map<String, Bytes> bytes(FieldReader reader, String field) {
        Map<String, Bytes> all = new LinkedHashMap<>();
        for (Node.Entry entry : entries(reader, field)) {
            checkKey(reader, field, entry);
            if (entry.value().isNull()) {
                all.put(entry.key(), Bytes.of(""));
            } else if (entry.value() instanceof Node.Scalar scalar && scalar.type() == Node.Type.STRING) {
                Bytes decoded = decoded(reader, field, entry, scalar.value());
                if (decoded != null) {
                    all.put(entry.key(), decoded);
                }
            } else {
                notText(reader, field, entry);
            }
        }
        return all;
    }

    private static List<Node.Entry> entries(FieldReader reader, String field) {
        Node node = reader.get(field);
        if (node instanceof Node.Mapping mapping) {
            return mapping.entries();
        }
        if (node != null) {
            reader.error(field, "must be a mapping, each entry written \"key: value\"");
        }
        return List.of();
    }

    private static void notText(FieldReader reader, String field, Node.Entry entry) {
        boolean scalar = entry.value() instanceof Node.Scalar;
        reader.findings()
                .error(
                        entry.value(),
                        reader.path(field) + "." + entry.key(),
                        scalar
                                ? "must be a string, but is a number, true or false; write it in quotes"
                                : "must be a string, but is " + entry.value().describe());
    }

    /** Null, with a finding, when the string is not base64. */
    private static @Nullable Bytes decoded(FieldReader reader, String field, Node.Entry entry, String text) {
        String compact = text.replace("\n", "").replace("\r", "");
        try {
            byte[] bytes = Base64.getDecoder().decode(compact);
            if (compact.length() % 4 == 0) {
                return Bytes.of(bytes);
            }
        } catch (IllegalArgumentException _) {
            // reported below, without the value
        }
        String plain = field.equals("data") ? "stringData" : "data";
        reader.findings()
                .error(
                        entry.value(),
                        reader.path(field) + "." + entry.key(),
                        "is not base64" + place(compact) + "; write plain text under " + plain
                                + ", or the output of `base64 -w0` here");
        return null;
    }

    private static String place(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '=' && text.length() - end < 2) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean fits =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
            if (!fits) {
                return " from character " + (i + 1) + " on";
            }
        }
        return ": its length is not a multiple of 4";
    }

    private static void checkKey(FieldReader reader, String field, Node.Entry entry) {
        String wrong = Names.checkConfigKey(entry.key());
        if (wrong != null) {
            error(reader, field, entry, wrong);
        }
    }

    private static void error(FieldReader reader, String field, Node.Entry entry, String message) {
        reader.findings().error(entry.line(), entry.column(), reader.path(field) + "." + entry.key(), message);
    }
}
