/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.archive.CopyPath;
import io.jubelet.archive.TreeExtraction;
import io.jubelet.archive.TreePacking;
import io.jubelet.cli.ContainerOption.Chosen;
import io.jubelet.printing.Table;
import io.jubelet.remotecommand.RemoteCommand;
import io.jubelet.remotecommand.RemoteStatus;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jubelet cp}. */
@Command(
        name = "cp",
        header = "Copy files and directories from and to containers.",
        description = {
            "",
            "The container needs the program tar. A directory is copied with all that is in it. If the destination is a",
            "directory that exists, the copy goes into it. From a container nothing is written outside the destination:",
            "links that lead out of it, owners and devices are left out.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet cp web:/var/log/nginx ./logs         a directory, from the container to here",
            "  jubelet cp ./nginx.conf web:/etc/nginx/      a file, from here into a directory of the container",
            "  jubelet cp kube-system/etcd:/data/db /backup -c etcd",
            "  jubelet cp ./a:b web:/tmp/x                  a path of this machine with a colon begins with / or .",
            "",
            "Root and members of the group of --api-admin-group may copy; the daemon logs it.",
            "Exit code: 0 copied, 1 error, 2 wrong usage."
        })
final class Copy implements Callable<Integer> {

    private static final int BLOCK = 32 << 10;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ContainerOption container;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "PATH, or POD:PATH with a pod as in jubelet exec.")
    private String source;

    @Parameters(index = "1", paramLabel = "DESTINATION", description = "The same; one of the two is in a container.")
    private String destination;

    @Option(
            names = "--no-preserve",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Do not keep owners and permissions of files that are copied to a container.")
    private boolean noPreserve;

    Copy(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call()
            throws ClientException, IOException, Names.NotFoundException, CommandException, InterruptedException {
        CopyPath from = parse(source);
        CopyPath to = parse(destination);
        if (from.pod().isPresent() == to.pod().isPresent()) {
            throw new ParameterException(
                    spec.commandLine(),
                    from.pod().isPresent()
                            ? "one of source and destination must be a path of this machine"
                            : "one of source and destination must be in a container: POD:PATH");
        }
        if (from.pod().isPresent()) {
            download(container.running(from.pod().get(), terminal.err()), from, Path.of(to.path()));
        } else {
            upload(Path.of(from.path()), container.running(to.pod().orElseThrow(), terminal.err()), to);
        }
        return 0;
    }

    private CopyPath parse(String text) {
        try {
            return CopyPath.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new ParameterException(spec.commandLine(), String.valueOf(malformed.getMessage()), malformed);
        }
    }

    private RemoteCommand tar(Chosen chosen, List<String> command, boolean stdin) throws ClientException {
        RemoteCommand.Streams streams = new RemoteCommand.Streams(stdin, true, true, false);
        return RemoteCommand.exec(container.client(), chosen.path(), command, streams, terminal.err());
    }

    private void download(Chosen chosen, CopyPath from, Path given)
            throws ClientException, IOException, CommandException {
        String base = from.base();
        Path to = Files.isDirectory(given) && !base.equals(".") ? given.resolve(base) : given;
        Path parent = to.toAbsolutePath().normalize().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new CommandException("there is no directory " + parent);
        }
        List<String> command = List.of("tar", "cf", "-", "-C", from.directory(), "./" + base);
        try (RemoteCommand remote = tar(chosen, command, false)) {
            int written = 0;
            try {
                written = TreeExtraction.extract(remote.output(), base, to, this::warn);
            } catch (EOFException early) {
                // The status has the reason.
                if (remote.status().succeeded()) {
                    throw new CommandException("cannot copy " + source + ": " + early.getMessage());
                }
            } catch (IOException failed) {
                throw new CommandException("cannot copy " + source + ": " + reason(failed));
            }
            require(remote.status(), chosen);
            if (written == 0) {
                throw new CommandException("nothing was copied from " + source);
            }
        }
    }

    private void upload(Path from, Chosen chosen, CopyPath given)
            throws ClientException, IOException, CommandException, InterruptedException {
        if (!Files.exists(from)) {
            throw new CommandException(from + " doesn't exist in local filesystem");
        }
        Path real = from.toRealPath();
        String name = from.getFileName() == null || from.endsWith("..") || from.endsWith(".")
                ? String.valueOf(real.getFileName())
                : from.getFileName().toString();
        CopyPath to = isDirectory(chosen, given) ? given.resolve(name) : given;
        List<String> command = new ArrayList<>(List.of("tar"));
        if (noPreserve) {
            command.addAll(List.of("--no-same-permissions", "--no-same-owner"));
        }
        command.addAll(List.of("-xmf", "-", "-C", to.directory()));
        try (RemoteCommand remote = tar(chosen, command, true)) {
            AtomicReference<@Nullable IOException> lost = new AtomicReference<>();
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    remote.output().transferTo(OutputStream.nullOutputStream());
                } catch (IOException broken) {
                    lost.set(broken);
                }
            });
            @Nullable IOException failed = null;
            try (OutputStream archive = new BufferedOutputStream(remote.input(), BLOCK)) {
                TreePacking.pack(real, to.base(), archive, this::warn);
            } catch (IOException e) {
                failed = e;
            }
            if (failed instanceof FileSystemException) {
                throw new CommandException("cannot copy " + source + ": " + reason(failed));
            }
            // If tar has ended early, its status has the reason.
            reader.join();
            IOException broken = lost.get();
            if (broken != null) {
                throw broken;
            }
            require(remote.status(), chosen);
            if (failed != null) {
                throw failed;
            }
        }
    }

    private boolean isDirectory(Chosen chosen, CopyPath path) throws ClientException, IOException {
        if (path.path().endsWith("/")) {
            return true;
        }
        RemoteCommand.Streams streams = new RemoteCommand.Streams(false, true, true, false);
        List<String> command = List.of("test", "-d", path.path());
        try (RemoteCommand remote = RemoteCommand.exec(
                container.client(), chosen.path(), command, streams, OutputStream.nullOutputStream())) {
            remote.output().transferTo(OutputStream.nullOutputStream());
            return remote.status().succeeded();
        }
    }

    private static void require(RemoteStatus status, Chosen chosen) throws CommandException {
        if (status.exitCode().isPresent()) {
            throw new CommandException("tar in container " + chosen.container() + " ended with exit code "
                    + status.exitCode().getAsInt());
        }
        if (!status.succeeded()) {
            throw new CommandException("tar cannot be run in container " + chosen.container()
                    + ", and copying needs it: " + status.message());
        }
    }

    private static String reason(IOException failed) {
        return failed instanceof FileSystemException file && file.getReason() == null
                ? file.getClass().getSimpleName().replace("Exception", "") + " " + file.getFile()
                : String.valueOf(failed.getMessage());
    }

    private void warn(String warning) {
        terminal.err().println("warning: " + Table.printable(warning));
    }
}
