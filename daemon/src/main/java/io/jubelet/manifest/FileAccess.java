package io.jubelet.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who may do what with a manifest file.
 *
 * @param mode permission bits and more, as stat(2) has them
 * @param owner user id
 */
public record FileAccess(int mode, int owner) {

    private static final int GROUP_AND_OTHERS = 077;

    /** Who a file with a Secret has to belong to: whoever this daemon runs as. */
    private static final class Daemon {
        private static final int UID = uid();

        private static int uid() {
            try {
                return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            } catch (IOException e) {
                throw new IllegalStateException("/proc/self tells the user of this process", e);
            }
        }
    }

    /** Why this file may not hold a Secret, with the command that cures it; empty when it may. */
    Optional<String> unfitForSecrets(String path) {
        List<String> wrong = new ArrayList<>();
        List<String> cures = new ArrayList<>();
        if (owner != Daemon.UID) {
            wrong.add("it belongs to uid " + owner + " in place of " + Daemon.UID);
            cures.add("chown " + Daemon.UID + " " + quoted(path));
        }
        if ((mode & GROUP_AND_OTHERS) != 0) {
            wrong.add("its mode is 0" + Integer.toOctalString(mode & 0777));
            cures.add("chmod 600 " + quoted(path));
        }
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of("a Secret may only be in a file that belongs to "
                        + (Daemon.UID == 0 ? "root" : "the user of the daemon")
                        + " and is closed to group and others, and " + String.join(" and ", wrong) + "; run: "
                        + String.join(" && ", cures));
    }

    private static String quoted(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (!Character.isLetterOrDigit(c) && "/._-+,:@%".indexOf(c) < 0) {
                return "'" + path.replace("'", "'\\''") + "'";
            }
        }
        return path;
    }
}
