package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What a path below a directory leads to, held open, whatever somebody does to the names on the way meanwhile.
 *
 * <p>Each name is opened from the directory before it and never followed by the kernel. Where it is a symbolic link, its
 * words are walked in the same manner: a relative one may lead anywhere below the directory, and one that leads out of it
 * is refused. {@code ..} goes back to the directory that was opened before, so no renaming can make it go further up.
 * Linux only; for one thread.
 */
public final class SafePath implements AutoCloseable {

    /** As many as the kernel follows. */
    private static final int MOST_LINKS = 40;

    private final Deque<Integer> opened = new ArrayDeque<>();

    private SafePath() {}

    /**
     * Opens what a path leads to. Directories that are missing are made, with the mode of the root.
     *
     * @param root trusted, as is its path
     * @param names the names on the way, without {@code .} and {@code ..}
     * @throws IOException when it leads out of the root, or there is something else than a directory on the way; the
     *     message is for the user
     */
    public static SafePath open(Path root, List<String> names) throws IOException {
        SafePath path = new SafePath();
        try {
            path.opened.push(LinuxFileCalls.open(root));
            path.walk(names);
            return path;
        } catch (LinuxFileCalls.Refused e) {
            path.close();
            throw e.errno() == LinuxFileCalls.ENOENT ? new NoSuchFileException(root.toString()) : e;
        } catch (IOException | RuntimeException e) {
            path.close();
            throw e;
        }
    }

    private void walk(List<String> names) throws IOException {
        Deque<String> left = new ArrayDeque<>(names);
        int mode = (int) Files.getAttribute(descriptor(opened.peek()), "unix:mode") & 07777;
        int links = 0;
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.equals("..")) {
                if (opened.size() == 1) {
                    throw new IOException("a symbolic link leads out of the volume");
                }
                LinuxFileCalls.close(opened.pop());
                continue;
            }
            int next = openOrMake(name, mode);
            String target = targetOf(next);
            if (target == null) {
                opened.push(next);
                continue;
            }
            LinuxFileCalls.close(next);
            if (target.startsWith("/")) {
                throw new IOException("the symbolic link \"" + name + "\" leads out of the volume, to " + target);
            }
            if (++links > MOST_LINKS) {
                throw new IOException("too many symbolic links on the way, the last is \"" + name + "\"");
            }
            names(target).reversed().forEach(left::push);
        }
    }

    /** The names in a path, without empty ones and those that stay where they are. */
    public static List<String> names(String path) {
        return List.of(path.split("/")).stream()
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    private String targetOf(int next) throws IOException {
        try {
            return LinuxFileCalls.target(next).orElse(null);
        } catch (IOException e) {
            LinuxFileCalls.close(next);
            throw e;
        }
    }

    private int openOrMake(String name, int mode) throws IOException {
        int in = opened.peek();
        try {
            return LinuxFileCalls.open(in, name);
        } catch (LinuxFileCalls.Refused e) {
            if (e.errno() == LinuxFileCalls.ENOTDIR) {
                throw new IOException("what comes before \"" + name + "\" is not a directory", e);
            }
            if (e.errno() != LinuxFileCalls.ENOENT) {
                throw new IOException("\"" + name + "\" cannot be opened: " + e.getMessage(), e);
            }
        }
        boolean made = make(in, name, mode);
        int directory = LinuxFileCalls.open(in, name);
        if (made && Posix.fileType(descriptor(directory)) == Posix.FileType.DIRECTORY) {
            Files.setAttribute(descriptor(directory), "unix:mode", mode); // whatever the umask
        }
        return directory;
    }

    private static boolean make(int in, String name, int mode) throws IOException {
        try {
            LinuxFileCalls.makeDirectory(in, name, mode);
            return true;
        } catch (LinuxFileCalls.Refused e) {
            if (e.errno() != LinuxFileCalls.EEXIST) {
                throw new IOException("\"" + name + "\" cannot be made: " + e.getMessage(), e);
            }
            return false; // made by somebody just now
        }
    }

    private static Path descriptor(int opened) {
        return Path.of("/proc/self/fd/" + opened);
    }

    /** Whether another path leads to the same file or directory just now. */
    boolean is(Path other) throws IOException {
        return Files.isSameFile(descriptor(opened.peek()), other);
    }

    /**
     * Binds it to another place, where a container can be given it. The same thing bound there already stays as it is,
     * something else is taken away.
     *
     * @param place trusted; its parents are made
     */
    public void bindTo(Path place) throws IOException {
        Path self = descriptor(opened.peek());
        boolean directory = Posix.fileType(self) == Posix.FileType.DIRECTORY;
        if (Files.exists(place)) {
            if (is(place)) {
                return;
            }
            while (LinuxFileCalls.unmount(place)) {
                // several, when the daemon was killed at the wrong moment
            }
            Files.delete(place);
        }
        Files.createDirectories(directory ? place : place.getParent());
        if (!directory) {
            Files.createFile(place);
        }
        LinuxFileCalls.bind(self, place);
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            LinuxFileCalls.close(opened.pop());
        }
    }
}
