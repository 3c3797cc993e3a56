package io.jubelet.desired;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Spelling;
import io.jubelet.pod.VolumeMount;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The volume mounts of one container: from the document to records, with validation. */
final class MountParser {

    private MountParser() {}

    /**
     * Reads them; what is wrong is noted.
     *
     * @param volumes the names of all volumes of the pod
     */
    static List<VolumeMount> parse(FieldReader container, Set<String> volumes) {
        List<VolumeMount> mounts = new ArrayList<>();
        Set<String> paths = new HashSet<>();
        for (FieldReader mount : container.mappings("volumeMounts", PodFields.MOUNT)) {
            String name = mount.requiredText("name", "data");
            String path = mount.requiredText("mountPath", "/data");
            boolean readOnly = mount.flag("readOnly", false);
            if (name != null && !volumes.contains(name)) {
                mount.error("name", noVolume(name, volumes));
            }
            if (path != null && !paths.add(path)) {
                mount.error("mountPath", "another volume is already mounted at " + path);
            }
            if (name != null && path != null) {
                mounts.add(new VolumeMount(name, path.startsWith("/") ? path : "/" + path, readOnly));
            }
        }
        return mounts;
    }

    static String noVolume(String name, Set<String> volumes) {
        String close = Spelling.closest(name, volumes);
        return "spec.volumes has no volume \"" + name + "\""
                + (close == null ? "; add it there" : "; did you mean \"" + close + "\"?");
    }
}
