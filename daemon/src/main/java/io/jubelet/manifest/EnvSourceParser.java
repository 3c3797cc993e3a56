/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Quantity;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import io.jubelet.schema.ReferenceFields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses and validates the source of the value of an environment variable. */
final class EnvSourceParser {

    private static final Quantity ONE = Quantity.parse("1");

    private static final List<String> SOURCES =
            List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef");

    private static final List<String> FIELDS = List.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");

    private static final List<String> RESOURCES = List.of(
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.ephemeral-storage");

    private static final List<String> DECIMAL = List.of("1", "1k", "1M", "1G", "1T", "1P", "1E");
    private static final List<String> BINARY = List.of("1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");

    private EnvSourceParser() {}

    /** Null, with a finding, when there is no valid source. */
    static EnvVar.@Nullable Source parse(FieldReader variable, VolumeParser volumes) {
        FieldReader from = variable.mapping("valueFrom", PodFields.ENV_SOURCE);
        if (from == null) {
            return null;
        }
        int given = 0;
        for (String source : SOURCES) {
            given += from.has(source) ? 1 : 0;
        }
        if (given != 1) {
            variable.error(
                    "valueFrom",
                    (given == 0 ? "must have one of " : "must have only one of ") + String.join(", ", SOURCES));
            return null;
        }
        FieldReader field = from.mapping("fieldRef", PodFields.FIELD_REF);
        if (field != null) {
            return field(field, FIELDS);
        }
        FieldReader resource = from.mapping("resourceFieldRef", PodFields.RESOURCE_FIELD_REF);
        if (resource != null) {
            return resource(resource);
        }
        FieldReader configMap = from.mapping("configMapKeyRef", ReferenceFields.CONFIG_MAP_KEY);
        if (configMap != null) {
            return key(configMap, ConfigRef.Kind.ConfigMap);
        }
        FieldReader secret = from.mapping("secretKeyRef", ReferenceFields.SECRET_KEY);
        if (secret != null) {
            return key(secret, ConfigRef.Kind.Secret);
        }
        FieldReader file = from.mapping("fileKeyRef", PodFields.FILE_KEY_REF);
        return file == null ? null : file(file, volumes);
    }

    /**
     * A field of the pod; null, with a finding, when the path is missing.
     *
     * @param fields the fields that are allowed, beside single labels and annotations
     */
    static EnvVar.@Nullable Source field(FieldReader reader, List<String> fields) {
        String path = reader.requiredText("fieldPath", "metadata.name");
        if (path == null) {
            return null;
        }
        if (path.equals("spec.host") && fields.contains("spec.nodeName")) {
            return new EnvVar.Field("spec.nodeName"); // an old name that the API still accepts
        }
        boolean label = path.startsWith("metadata.labels['");
        boolean annotation = path.startsWith("metadata.annotations['");
        if ((label || annotation) && path.endsWith("']") && path.indexOf('\'') < path.length() - 2) {
            String key = path.substring(path.indexOf('\'') + 1, path.length() - 2);
            reader.note("fieldPath", Names.checkKey(annotation ? key.toLowerCase(java.util.Locale.ROOT) : key));
        } else if (!fields.contains(path)) {
            String close = Spelling.closest(path, fields);
            reader.error(
                    "fieldPath",
                    "must be one of " + String.join(", ", fields)
                            + ", metadata.labels['KEY'] and metadata.annotations['KEY'], but is \"" + path + "\""
                            + (close == null ? "" : "; did you mean \"" + close + "\"?"));
        }
        return new EnvVar.Field(path);
    }

    /** A request or limit; null, with a finding, when there is no valid one. */
    static EnvVar.@Nullable Source resource(FieldReader reader) {
        String container = reader.text("containerName", "");
        String resource = reader.requiredText("resource", "limits.memory");
        Node written = reader.get("divisor");
        Quantity divisor = written == null ? ONE : ResourcesParser.quantity(written, reader.path("divisor"), reader);
        if (resource == null || divisor == null) {
            return null;
        }
        boolean hugePages = resource.startsWith("limits.hugepages-") || resource.startsWith("requests.hugepages-");
        if (!RESOURCES.contains(resource) && !hugePages) {
            reader.error(
                    "resource",
                    "must be one of " + String.join(", ", RESOURCES) + ", limits.hugepages-SIZE and"
                            + " requests.hugepages-SIZE, but is \"" + resource + "\"");
            return null;
        }
        if (divisor.number().signum() == 0) {
            return new EnvVar.Resource(container, resource, ONE);
        }
        checkDivisor(reader, resource.endsWith(".cpu"), divisor);
        return new EnvVar.Resource(container, resource, divisor);
    }

    /** Checks that the divisor is exactly one unit, as the API requires. */
    private static void checkDivisor(FieldReader reader, boolean cpu, Quantity divisor) {
        List<String> units = cpu ? List.of("1m", "1") : divisor.text().endsWith("i") ? BINARY : DECIMAL;
        for (String unit : units) {
            if (Quantity.parse(unit).compareTo(divisor) == 0) {
                return;
            }
        }
        reader.error(
                "divisor",
                "must be one of "
                        + (cpu ? "1m, 1" : String.join(", ", DECIMAL) + ", " + String.join(", ", BINARY))
                        + ", but is " + divisor);
    }

    private static EnvVar.@Nullable Source key(FieldReader reader, ConfigRef.Kind kind) {
        ConfigRef ref = ref(reader, kind);
        String key = reader.requiredText("key", "password");
        if (key != null) {
            reader.note("key", Names.checkConfigKey(key));
        }
        return ref == null || key == null ? null : new EnvVar.ConfigKey(ref, key);
    }

    /** Null, with a finding, when the reference has no name. */
    static @Nullable ConfigRef ref(FieldReader reader, ConfigRef.Kind kind) {
        String name = reader.requiredText("name", "my-config");
        if (name != null) {
            reader.note("name", Names.checkSubdomain(name));
        }
        boolean optional = reader.flag("optional", false);
        return name == null ? null : new ConfigRef(kind, name, optional);
    }

    private static EnvVar.@Nullable Source file(FieldReader reader, VolumeParser volumes) {
        String volume = reader.requiredText("volumeName", "settings");
        String path = reader.requiredText("path", "app.env");
        String key = reader.requiredText("key", "LOG_LEVEL");
        boolean optional = reader.flag("optional", false);
        if (volume == null || path == null || key == null) {
            return null;
        }
        if (!volumes.names().contains(volume)) {
            reader.error("volumeName", MountParser.noVolume(volume, volumes.names()));
        } else if (!volumes.isEmptyDir(volume)) {
            reader.error("volumeName", "must be an emptyDir volume, which \"" + volume + "\" is not");
        }
        if (Names.goesUp(path)) {
            reader.error("path", "must not contain \"..\" because it is a path below the volume");
        } else if (!Names.canBePath(path)) {
            reader.error("path", Names.NO_PATH);
        }
        reader.note("key", Names.checkEnvName(key));
        return new EnvVar.FileKey(volume, path, key, optional);
    }
}
