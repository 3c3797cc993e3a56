package io.jubelet.volume;

import io.jubelet.pod.PodGroups.FsGroupChangePolicy;
import io.jubelet.pod.PodSecurity;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Gives a volume that belongs to a pod to the pod's {@code fsGroup}: the group of everything in it, with the right to read
 * and, where the volume is not read-only, to write; what is made in its directories later inherits the group.
 *
 * <p>Source: the Kubernetes page on security contexts, "Configure volume permission and ownership change policy". To be
 * called before a container has the volume, or for one that containers cannot write to: the names in it are trusted.
 */
public final class VolumeOwnership {

    private static final int SETGID = 02000;
    private static final int GROUP_ENTERS = 0110;

    private VolumeOwnership() {}

    /** Done at once when the pod has no fsGroup. {@code readOnly} is for volumes that no container writes to. */
    public static void give(Path volume, PodSecurity security, boolean readOnly) throws IOException {
        if (security.groups().fsGroup().isEmpty()) {
            return;
        }
        int group = Math.toIntExact(security.groups().fsGroup().get());
        int rights = readOnly ? 0440 : 0660;
        if (security.groups().fsGroupChangePolicy() == FsGroupChangePolicy.OnRootMismatch
                && isOwned(volume, group, rights)) {
            return;
        }
        Files.walkFileTree(volume, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                give(directory, group, rights | SETGID | GROUP_ENTERS);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                give(file, group, attributes.isSymbolicLink() ? 0 : rights);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static boolean isOwned(Path root, int group, int rights) throws IOException {
        int needed = rights | SETGID | GROUP_ENTERS;
        return (int) Files.getAttribute(root, "unix:gid") == group
                && ((int) Files.getAttribute(root, "unix:mode") & needed) == needed;
    }

    /** The group first: giving a file away takes its setgid bit. */
    private static void give(Path path, int group, int rights) throws IOException {
        Files.setAttribute(path, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
        if (rights != 0) {
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
            Files.setAttribute(path, "unix:mode", mode | rights);
        }
    }
}
