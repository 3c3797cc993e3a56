/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The commands that work in containers, run by users without privileges. The daemon has a file of users and a file of groups
 * of its own, so the users need not exist on this machine.
 */
@OnContainerd
class AdminGroupContainerdTest {

    private static final int READERS = 54_320;
    private static final int OPERATORS = 54_321;
    private static final int ALICE = 54_331;
    private static final int BOB = 54_332;

    private static DaemonProcess daemon;
    private static String classPath;

    @BeforeAll
    static void start() throws Exception {
        daemon = new DaemonProcess("--api-admin-group=operators");
        Files.setPosixFilePermissions(daemon.home, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path passwd = Files.writeString(
                daemon.home.resolve("passwd"),
                Files.readString(Path.of("/etc/passwd")) + user("alice", ALICE) + user("bob", BOB));
        Path group = Files.writeString(
                daemon.home.resolve("group"),
                Files.readString(Path.of("/etc/group")).replaceAll("(?m)^jubelet:.*\n", "") + "jubelet:x:" + READERS
                        + ":alice,bob\noperators:x:" + OPERATORS + ":alice\n");
        daemon.runBy(
                "unshare",
                "--mount",
                "--propagation=slave",
                "sh",
                "-c",
                "mount --bind " + passwd + " /etc/passwd && mount --bind " + group + " /etc/group && exec \"$@\"",
                "sh");
        daemon.start();
        daemon.write(
                "web.yaml",
                DaemonProcess.pod(
                        "web",
                        "nc -ll -p 7777 -e cat & (while :; do echo tick; sleep 0.2; done) & "
                                + DaemonProcess.sleeper()));
        daemon.awaitRunning("web");
        daemon.await(
                "commands to run",
                () -> daemon.get("/run/default/web/app?cmd=echo%20done").equals("done"));
        classPath = readableClassPath();
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String user(String name, int id) {
        return name + ":x:" + id + ":" + id + "::/:/bin/sh\n";
    }

    /** Copies of the classes under test, because another user might not be able to read them where they are. */
    private static String readableClassPath() throws IOException, InterruptedException {
        Path copies = Files.createDirectory(daemon.home.resolve("classes"));
        List<String> entries = new ArrayList<>();
        for (String entry : Commands.classPath().split(File.pathSeparator)) {
            Path copy = copies.resolve(entries.size() + "-" + Path.of(entry).getFileName());
            if (Files.exists(Path.of(entry))) {
                Commands.shell(daemon.home, "cp -r " + entry + " " + copy + " && chmod -R a+rX " + copy);
                entries.add(copy.toString());
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    /** The command line of Jubelet as a user that is in groups. */
    private static List<String> as(int user, String groups, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--groups=" + groups, "--no-new-privs"));
        for (String word : Commands.jubelet(daemon.socket, arguments)) {
            command.add(word.equals(Commands.classPath()) ? classPath : word);
        }
        return command;
    }

    private static List<String> asAlice(String... arguments) {
        return as(ALICE, READERS + "," + OPERATORS, arguments);
    }

    private static List<String> asBob(String... arguments) {
        return as(BOB, Integer.toString(READERS), arguments);
    }

    private static void assertLogged(String line) {
        assertTrue(daemon.log().contains(line), daemon::log);
    }

    @Test
    void membersOfTheAdminGroupWorkInContainers() throws Exception {
        Commands.Outcome exec = Commands.run(asAlice("exec", "web", "--", "sh", "-c", "echo out; exit 3"));
        assertEquals(3, exec.exitCode(), exec::toString);
        assertEquals("out\n", exec.out());
        assertLogged("exec in /default/web/app by user alice (uid " + ALICE + "): [sh, -c, echo out; exit 3]");

        Path sent = Files.writeString(daemon.home.resolve("sent"), "content");
        Files.setPosixFilePermissions(sent, PosixFilePermissions.fromString("rw-r--r--"));
        Commands.Outcome copy = Commands.run(asAlice("cp", sent.toString(), "web:/tmp/sent"));
        assertEquals(0, copy.exitCode(), copy::toString);
        assertEquals("content", daemon.get("/run/default/web/app?cmd=cat%20/tmp/sent"));
        assertLogged("exec in /default/web/app by user alice (uid " + ALICE + "): [tar, ");

        try (Commands.Running attach = Commands.start(asAlice("attach", "web"))) {
            attach.awaitPrinted("tick");
        }
        assertLogged("attach in /default/web/app by user alice (uid " + ALICE + "): ");

        int port = ServerProcess.freePort();
        try (Commands.Running forward =
                Commands.start(asAlice("port-forward", "web", port + ":7777", "--address=127.0.0.1"))) {
            forward.awaitPrinted("Forwarding from 127.0.0.1:" + port);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write('x');
                assertEquals('x', socket.getInputStream().read());
            }
        }
        assertLogged("portForward in /default/web by user alice (uid " + ALICE + "): ");
    }

    @Test
    void membersOfTheGroupJubeletReadAndDoNotAct() throws Exception {
        Commands.Outcome pods = Commands.run(asBob("get", "pods"));
        assertEquals(0, pods.exitCode(), pods::toString);
        assertTrue(pods.out().contains("web"), pods::toString);
        String port = ServerProcess.freePort() + ":7777";
        for (String[] refused : new String[][] {
            {"exec", "web", "--", "true"},
            {"attach", "web"},
            {"cp", "web:/etc/passwd", "-"},
            {"port-forward", "web", port}
        }) {
            Commands.Outcome outcome = Commands.run(asBob(refused));
            assertEquals(1, outcome.exitCode(), outcome::toString);
            assertTrue(outcome.err().contains("is for root and the members of group operators"), outcome::toString);
        }
        assertTrue(!daemon.log().contains("by user bob"), daemon::log);
    }

    @Test
    void othersHaveNoAccess() throws Exception {
        Commands.Outcome outside = Commands.run(as(BOB, Integer.toString(OPERATORS), "get", "pods"));
        assertNotEquals(0, outside.exitCode());
        assertTrue(outside.err().contains("ermission denied") || outside.err().contains("group jubelet"), outside::err);
    }
}
