package io.jubelet.desired;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Spelling;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Quantity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The environment of a container: from the document to records. */
final class EnvParser {

    private static final Quantity ONE = Quantity.parse("1");

    /** Beside single labels and annotations. */
    static final List<String> FIELDS = List.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");

    private EnvParser() {}

    static List<EnvVar> parse(FieldReader container) {
        List<EnvVar> env = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (FieldReader variable : container.mappings("env", PodFields.ENV)) {
            String name = variable.requiredText("name", "LOG_LEVEL");
            EnvVar.Source source = source(variable);
            if (name == null) {
                continue;
            }
            String wrong = Names.checkEnvName(name);
            if (wrong != null) {
                variable.error("name", wrong);
            }
            if (!seen.add(name)) {
                variable.warn("name", name + " is given twice; the last one counts");
            }
            if (source != null) {
                env.add(new EnvVar(name, source));
            }
        }
        return env;
    }

    /** Null when there is none, which is noted. */
    private static EnvVar.Source source(FieldReader variable) {
        String value = variable.text("value", "");
        FieldReader from = variable.mapping("valueFrom", PodFields.ENV_SOURCE);
        if (from == null) {
            return new EnvVar.Literal(value);
        }
        if (!value.isEmpty()) {
            variable.error("valueFrom", "must not be set beside value");
            return null;
        }
        FieldReader field = from.mapping("fieldRef", PodFields.FIELD_REF);
        if (field != null) {
            String path = field.requiredText("fieldPath", "metadata.name");
            if (path == null) {
                return null;
            }
            String wrong = checkFieldPath(path);
            if (wrong != null) {
                field.error("fieldPath", wrong);
                return null;
            }
            return new EnvVar.Field(path);
        }
        FieldReader resource = from.mapping("resourceFieldRef", PodFields.RESOURCE_FIELD_REF);
        if (resource != null) {
            return resource(resource);
        }
        FieldReader file = from.mapping("fileKeyRef", PodFields.FILE_KEY_REF);
        if (file != null) {
            String volume = file.requiredText("volumeName", "settings");
            String path = file.requiredText("path", "app.env");
            String key = file.requiredText("key", "LOG_LEVEL");
            boolean optional = file.flag("optional", false);
            return volume == null || path == null || key == null
                    ? null
                    : new EnvVar.FileKey(volume, path, key, optional);
        }
        variable.error("valueFrom", "needs one of fieldRef, resourceFieldRef and fileKeyRef");
        return null;
    }

    /** What is wrong with the path of a field; null when a variable may have it. */
    static String checkFieldPath(String path) {
        if (FIELDS.contains(path)) {
            return null;
        }
        for (String map : List.of("metadata.labels", "metadata.annotations")) {
            if (path.startsWith(map + "['") && path.endsWith("']") && path.length() > map.length() + 4) {
                return null;
            }
            if (path.startsWith(map)) {
                return "a variable can have one of them only; write for example \"" + map + "['app']\"";
            }
        }
        String close = Spelling.closest(path, FIELDS);
        return "there is no field \"" + path + "\" that a variable may have"
                + (close == null ? "; these are: " + String.join(", ", FIELDS) : "; did you mean \"" + close + "\"?");
    }

    private static EnvVar.Source resource(FieldReader reader) {
        String container = reader.text("containerName", "");
        String resource = reader.requiredText("resource", "limits.memory");
        Quantity divisor = reader.has("divisor")
                ? ContainerParser.quantity(reader.get("divisor"), reader.path("divisor"), reader)
                : ONE;
        if (resource == null || divisor == null) {
            return null;
        }
        return new EnvVar.Resource(container, resource, divisor.number().signum() == 0 ? ONE : divisor);
    }
}
