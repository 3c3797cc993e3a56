/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Creates files and directories by programs of the node. Their parent might be on a file system that hangs, and a call that
 * changes a frozen one cannot be killed: a daemon with a thread in such a call would not end until the file system responds. It
 * is rare that something has to be created, so the time of a process does not matter.
 */
public final class CreationProcess {

    private CreationProcess() {}

    /** Creates a directory with mode 0755, and the missing ones above it; done if it exists. */
    public static void createDirectories(Path path) throws IOException, InterruptedException {
        try {
            SystemProgram.run("mkdir", "-p", "-m", "0755", "--", path.toString());
        } catch (IOException e) {
            throw new IOException(path + " cannot be created" + reason(e), e);
        }
    }

    /** Creates an empty file with mode 0644. */
    public static void createFile(Path path) throws IOException, InterruptedException {
        try {
            SystemProgram.run("/bin/sh", "-c", "umask 022; set -C; : >\"$1\"", "sh", path.toString());
        } catch (IOException e) {
            throw new IOException(path + " cannot be created" + reason(e), e);
        }
    }

    /**
     * Creates a directory in an open one. Its mode is for the caller to set, through a descriptor: a process could be made to
     * set that of another file.
     *
     * @param in a descriptor of this process
     * @return false if another process has just created an entry of that name
     */
    static boolean createDirectory(int in, String name) throws IOException, InterruptedException {
        Path parent = Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + in);
        Path directory = parent.resolve(name);
        try {
            SystemProgram.run("mkdir", "--", directory.toString());
            return true;
        } catch (IOException e) {
            if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            throw new IOException("\"" + name + "\" cannot be created" + reason(e), e);
        }
    }

    /** What mkdir(1) says after the name. */
    private static String reason(IOException e) {
        String text = String.valueOf(e.getMessage());
        int colon = text.lastIndexOf(':');
        return colon < 0 ? ": " + text : text.substring(colon);
    }
}
