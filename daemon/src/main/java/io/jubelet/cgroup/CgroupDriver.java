package io.jubelet.cgroup;

import java.util.ArrayList;
import java.util.List;

/** Who makes cgroups, and so how they are called. Source: the Kubernetes page on container runtimes. */
public enum CgroupDriver {
    /** Whoever needs one makes a directory. */
    CGROUPFS,
    /** systemd is asked for a slice. */
    SYSTEMD;

    /**
     * Where a cgroup is below the root of the file system.
     *
     * @param name from the root on, such as kubepods, burstable, pod7f3a
     */
    String path(List<String> name) {
        if (this == CGROUPFS) {
            return "/" + String.join("/", name);
        }
        StringBuilder path = new StringBuilder();
        for (int i = 1; i <= name.size(); i++) {
            path.append('/').append(slice(name.subList(0, i)));
        }
        return path.toString();
    }

    /** What a runtime of this driver is told for the parent of a container. */
    String parent(List<String> name) {
        return this == CGROUPFS ? path(name) : slice(name);
    }

    /** What a directory directly below a cgroup is called without the names of those above. */
    String lastPart(List<String> above, String directory) {
        String slice = slice(above);
        String prefix = slice.substring(0, slice.lastIndexOf('.')) + "-";
        return this == SYSTEMD && directory.startsWith(prefix) && directory.endsWith(".slice")
                ? directory.substring(prefix.length(), directory.lastIndexOf('.'))
                : directory;
    }

    /** The name of a slice tells its parents: a dash is what a slash is in a path. */
    static String slice(List<String> name) {
        List<String> parts = new ArrayList<>();
        name.forEach(part -> parts.add(part.replace('-', '_')));
        return String.join("-", parts) + ".slice";
    }
}
