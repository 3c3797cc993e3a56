/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which users have access to a manifest file, or to the directory of manifests.
 *
 * @param mode file type and permission bits, as stat(2) returns them
 * @param owner user id of the owner
 * @param group group id
 * @param daemon user id of the daemon
 */
public record FileAccess(int mode, int owner, int group, int daemon) {

    private static final int GROUP_AND_OTHERS = 077;
    private static final int GROUP_WRITES = 020;
    private static final int OTHERS_WRITE = 02;

    /**
     * Which users besides root and the daemon's user can change it, with the command that mends it; empty if there are none.
     * Such a user is root on the node, because a manifest can ask for a privileged pod.
     */
    public Optional<String> exposed(String path) {
        List<String> who = new ArrayList<>();
        List<String> cures = new ArrayList<>();
        if (owner != 0 && owner != daemon) {
            who.add("uid " + owner + ", which owns it");
            cures.add("chown " + daemon + " " + quoted(path));
        }
        if ((mode & OTHERS_WRITE) != 0) {
            who.add("every user");
        } else if ((mode & GROUP_WRITES) != 0 && group != 0 && daemon == 0) {
            who.add("gid " + group);
        }
        if (!who.isEmpty() && (mode & (GROUP_WRITES | OTHERS_WRITE)) != 0) {
            cures.add("chmod go-w " + quoted(path));
        }
        return who.isEmpty()
                ? Optional.empty()
                : Optional.of("can be changed by " + String.join(" and by ", who)
                        + ", and so be used to start a privileged pod; run: " + String.join(" && ", cures));
    }

    /** Why this file must not hold a Secret, with the command that mends it; empty when it is allowed to hold one. */
    Optional<String> unfitForSecrets(String path) {
        List<String> wrong = new ArrayList<>();
        List<String> cures = new ArrayList<>();
        if (owner != daemon) {
            wrong.add("it belongs to uid " + owner + " instead of " + daemon);
            cures.add("chown " + daemon + " " + quoted(path));
        }
        if ((mode & GROUP_AND_OTHERS) != 0) {
            wrong.add("its mode is 0" + Integer.toOctalString(mode & 0777));
            cures.add("chmod 600 " + quoted(path));
        }
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of("the file of a Secret must belong to "
                        + (daemon == 0 ? "root" : "the user of the daemon")
                        + " and be closed to group and others, but " + String.join(" and ", wrong) + "; run: "
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
