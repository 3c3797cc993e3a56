package io.jubelet.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Mounts of the namespace the daemon runs in.
 *
 * <p>Mounting is done by mount(8) and umount(8), as the kubelet does: a call through {@code java.lang.foreign} would cost
 * 10 MB of resident memory for good, and it is rare. Methods block; may be used by any thread.
 */
public final class Mounts {

    private final Path mountinfo;

    /** The mounts of this process. */
    public Mounts() {
        this(Path.of("/proc/self/mountinfo"));
    }

    /** @param mountinfo in the format of proc_pid_mountinfo(5) */
    Mounts(Path mountinfo) {
        this.mountinfo = Objects.requireNonNull(mountinfo, "mountinfo");
    }

    /** Mount points at and below a real path, the innermost first. */
    public List<Path> within(Path root) throws IOException {
        List<Path> points = new ArrayList<>();
        for (String line : Files.readAllLines(mountinfo, StandardCharsets.UTF_8)) {
            String[] fields = line.split(" ", 6);
            if (fields.length == 6) {
                Path point = Path.of(unescaped(fields[4]));
                if (point.startsWith(root)) {
                    points.add(point);
                }
            }
        }
        // later mounts hide earlier ones at the same place, so the order of the file counts among equals
        List<Path> innermostFirst = new ArrayList<>(points.reversed());
        innermostFirst.sort(Comparator.comparingInt(Path::getNameCount).reversed());
        return innermostFirst;
    }

    /** Whether something is mounted just here. */
    public boolean isMountPoint(Path path) throws IOException {
        return within(path).contains(path);
    }

    /**
     * Mounts a tmpfs that everybody may write to and that is not swapped out, where the kernel can promise that.
     *
     * @param bytes its size, 0 for the kernel's default
     */
    public void mountTmpfs(Path path, long bytes) throws IOException, InterruptedException {
        String options = "mode=0777" + (bytes > 0 ? ",size=" + bytes : "");
        try {
            run("mount", "-t", "tmpfs", "-o", options + ",noswap", "tmpfs", path.toString());
        } catch (IOException withNoswap) {
            try {
                run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path.toString());
            } catch (IOException e) {
                e.addSuppressed(withNoswap);
                throw e;
            }
        }
    }

    /**
     * Mounts huge pages as a file system, for programs that map its files. Of a limited one the kernel gives out no more.
     *
     * @param pageSize one that the kernel has, in bytes
     * @param bytes its size, 0 for no limit but that of the pages that the node has set aside
     */
    public void mountHugePages(Path path, long pageSize, long bytes) throws IOException, InterruptedException {
        String options = "pagesize=" + pageSize + (bytes > 0 ? ",size=" + bytes : "");
        run("mount", "-t", "hugetlbfs", "-o", options, "nodev", path.toString());
    }

    /**
     * Makes a real directory a mount that passes on to others what is mounted in it, where the mount that it lies on does
     * not do so already. What is mounted in it must come later. Source: "Shared Subtrees" of the kernel's documentation.
     */
    public void share(Path directory) throws IOException, InterruptedException {
        if (!isShared(directory)) {
            if (!isMountPoint(directory)) {
                run("mount", "--bind", directory.toString(), directory.toString());
            }
            run("mount", "--make-shared", directory.toString());
        }
    }

    private boolean isShared(Path directory) throws IOException {
        boolean shared = false;
        int names = -1;
        for (String line : Files.readAllLines(mountinfo, StandardCharsets.UTF_8)) {
            String[] fields = line.split(" ");
            Path point = Path.of(unescaped(fields[4]));
            if (directory.startsWith(point) && point.getNameCount() >= names) {
                names = point.getNameCount();
                shared = false;
                for (int i = 6; i < fields.length && !fields[i].equals("-"); i++) {
                    shared |= fields[i].startsWith("shared:");
                }
            }
        }
        return shared;
    }

    /** Takes away the topmost mount at a mount point. */
    public void unmount(Path path) throws IOException, InterruptedException {
        run("umount", "--no-canonicalize", path.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        try {
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(words.isEmpty() ? command[0] + " ended with status " + status : words);
            }
        } catch (InterruptedException e) {
            process.destroy();
            throw e;
        }
    }

    /** Blank, tab, newline and backslash are written as {@code \040} and the like. */
    private static String unescaped(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                out.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                out.append(field.charAt(i));
            }
        }
        return out.toString();
    }
}
