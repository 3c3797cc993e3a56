/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Projection;
import io.jubelet.pod.Volume;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import io.jubelet.schema.ReferenceFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses and validates the volumes with files from ConfigMaps, Secrets and fields of the pod. */
final class ProjectedParser {

    private static final int DEFAULT_MODE = 0644;

    private static final List<String> FIELDS =
            List.of("metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations");

    private ProjectedParser() {}

    /** Null, with a finding, when the volume has no name. */
    static @Nullable Volume parse(@Nullable String name, FieldReader volume) {
        List<Projection> sources = new ArrayList<>();
        FieldReader reader;
        Volume.Form form;
        if (volume.has("configMap")) {
            form = Volume.Form.CONFIG_MAP;
            reader = volume.mapping("configMap", ReferenceFields.CONFIG_MAP);
            add(sources, config(reader, ConfigRef.Kind.ConfigMap, "name", null));
        } else if (volume.has("secret")) {
            form = Volume.Form.SECRET;
            reader = volume.mapping("secret", ReferenceFields.SECRET);
            add(sources, config(reader, ConfigRef.Kind.Secret, "secretName", null));
        } else if (volume.has("downwardAPI")) {
            form = Volume.Form.DOWNWARD_API;
            reader = volume.mapping("downwardAPI", ReferenceFields.DOWNWARD_API);
            add(sources, facts(reader, null));
        } else {
            form = Volume.Form.PROJECTED;
            reader = volume.mapping("projected", ReferenceFields.PROJECTED);
            sources(reader, sources);
        }
        int mode = reader == null ? DEFAULT_MODE : (int) reader.integer("defaultMode", DEFAULT_MODE, 0, 0777);
        return name == null ? null : new Volume.Projected(name, form, sources, mode);
    }

    private static void add(List<Projection> sources, @Nullable Projection source) {
        if (source != null) {
            sources.add(source);
        }
    }

    private static void sources(@Nullable FieldReader projected, List<Projection> all) {
        if (projected == null) {
            return;
        }
        Set<String> paths = new HashSet<>();
        for (FieldReader source : projected.mappings("sources", ReferenceFields.SOURCE)) {
            int given = 0;
            for (String kind : List.of("configMap", "secret", "downwardAPI")) {
                given += source.has(kind) ? 1 : 0;
            }
            if (given > 1) {
                source.error("secret", "must not be set beside another source; write an item of sources for each");
            }
            if (source.has("configMap")) {
                FieldReader reader = source.mapping("configMap", ReferenceFields.SOURCE_CONFIG_MAP);
                add(all, config(reader, ConfigRef.Kind.ConfigMap, "name", paths));
            } else if (source.has("secret")) {
                FieldReader reader = source.mapping("secret", ReferenceFields.SOURCE_SECRET);
                add(all, config(reader, ConfigRef.Kind.Secret, "name", paths));
            } else if (source.has("downwardAPI")) {
                add(all, facts(source.mapping("downwardAPI", ReferenceFields.SOURCE_DOWNWARD_API), paths));
            }
        }
    }

    /**
     * @param paths the files of the sources parsed so far, to which this one adds; null when a
     * later item replaces an equal path
     */
    private static @Nullable Projection config(
            @Nullable FieldReader reader, ConfigRef.Kind kind, String nameField, @Nullable Set<String> paths) {
        if (reader == null) {
            return null;
        }
        String name = reader.requiredText(nameField, "my-config");
        List<Projection.Item> items = new ArrayList<>();
        for (FieldReader item : reader.mappings("items", ReferenceFields.ITEM)) {
            String key = item.requiredText("key", "app.conf");
            String path = path(item, paths);
            OptionalInt mode = mode(item);
            if (key != null && path != null) {
                items.add(new Projection.Item(key, path, mode));
            }
        }
        boolean optional = reader.flag("optional", false);
        return name == null ? null : new Projection.OfConfig(new ConfigRef(kind, name, optional), items);
    }

    private static @Nullable Projection facts(@Nullable FieldReader reader, @Nullable Set<String> paths) {
        if (reader == null) {
            return null;
        }
        List<Projection.Fact> facts = new ArrayList<>();
        for (FieldReader item : reader.mappings("items", ReferenceFields.FACT)) {
            String path = path(item, paths);
            EnvVar.Source source = source(item);
            OptionalInt mode = mode(item);
            if (path != null && source != null) {
                facts.add(new Projection.Fact(path, source, mode));
            }
        }
        return new Projection.OfPod(facts);
    }

    private static EnvVar.@Nullable Source source(FieldReader item) {
        if (item.has("fieldRef") == item.has("resourceFieldRef")) {
            item.error("fieldRef", "must be set if resourceFieldRef is not, and must not be set beside it");
            return null;
        }
        if (item.has("fieldRef")) {
            FieldReader field = item.mapping("fieldRef", PodFields.FIELD_REF);
            return field == null ? null : EnvSourceParser.field(field, FIELDS);
        }
        FieldReader resource = item.mapping("resourceFieldRef", PodFields.RESOURCE_FIELD_REF);
        if (resource == null) {
            return null;
        }
        resource.requiredText("containerName", "app");
        return EnvSourceParser.resource(resource);
    }

    private static OptionalInt mode(FieldReader item) {
        return item.has("mode")
                ? OptionalInt.of((int) item.integer("mode", DEFAULT_MODE, 0, 0777))
                : OptionalInt.empty();
    }

    /** Null, with a finding, when the path is missing or invalid. */
    private static @Nullable String path(FieldReader item, @Nullable Set<String> paths) {
        String path = item.requiredText("path", "app.conf");
        if (path == null) {
            return null;
        }
        if (path.startsWith("/")) {
            item.error("path", "must be relative to the root of the volume; leave out the leading '/'");
            return null;
        }
        if (Names.goesUp(path) || path.startsWith("..")) {
            item.error("path", "must not start with \"..\" or contain it as a path element");
            return null;
        }
        if (!Names.canBePath(path)) {
            item.error("path", Names.NO_PATH);
            return null;
        }
        if (paths != null && !paths.add(path)) {
            item.error("path", "another item of this volume already makes the file " + path);
        }
        return path;
    }
}
