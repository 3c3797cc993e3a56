/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.EnvFrom;
import io.jubelet.pod.EnvVar;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import io.jubelet.schema.ReferenceFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses and validates the environment variables of a container. */
final class EnvParser {

    private EnvParser() {}

    static List<EnvVar> parse(FieldReader container, VolumeParser volumes) {
        if (!container.has("env")) {
            return List.of();
        }
        List<EnvVar> env = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (FieldReader variable : container.mappings("env", PodFields.ENV)) {
            String name = variable.requiredText("name", "LOG_LEVEL");
            EnvVar.Source source = source(variable, volumes);
            if (name == null) {
                continue;
            }
            variable.note("name", Names.checkEnvName(name));
            if (!seen.add(name)) {
                variable.warn("name", name + " is set twice; the last value is used");
            }
            if (source != null) {
                env.add(new EnvVar(name, source));
            }
        }
        return env;
    }

    /** Parses {@code envFrom}. */
    static List<EnvFrom> parseFrom(FieldReader container) {
        List<EnvFrom> all = new ArrayList<>();
        for (FieldReader from : container.mappings("envFrom", ReferenceFields.ENV_FROM)) {
            String prefix = from.text("prefix", "");
            from.note("prefix", Names.checkEnvName(prefix));
            boolean map = from.has("configMapRef");
            if (map == from.has("secretRef")) {
                from.error("configMapRef", "must be set if secretRef is not, and must not be set beside it");
                continue;
            }
            FieldReader reader = map
                    ? from.mapping("configMapRef", ReferenceFields.ENV_CONFIG_MAP)
                    : from.mapping("secretRef", ReferenceFields.ENV_SECRET);
            ConfigRef ref = reader == null
                    ? null
                    : EnvSourceParser.ref(reader, map ? ConfigRef.Kind.ConfigMap : ConfigRef.Kind.Secret);
            if (ref != null) {
                all.add(new EnvFrom(prefix, ref));
            }
        }
        return all;
    }

    /** Null, with a finding, when there is no valid source. */
    private static EnvVar.@Nullable Source source(FieldReader variable, VolumeParser volumes) {
        String value = variable.freeText("value", "");
        if (!variable.has("valueFrom")) {
            return new EnvVar.Literal(value);
        }
        if (!value.isEmpty()) {
            variable.error("valueFrom", "must not be set beside value");
        }
        return EnvSourceParser.parse(variable, volumes);
    }
}
