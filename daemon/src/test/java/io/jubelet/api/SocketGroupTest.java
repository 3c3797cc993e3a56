/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The group of the socket, and whom the socket lets in. */
class SocketGroupTest {

    private static final String ADMINS = "admins";
    private static final int GID = 54321;
    private static final int NOBODY = 65534;

    /** Sends a request with the JDK alone, because other users cannot read the class path of this test. */
    private static final String CLIENT = """
            import java.net.UnixDomainSocketAddress;
            import java.nio.ByteBuffer;
            import java.nio.channels.Channels;
            import java.nio.channels.SocketChannel;

            void main(String[] args) throws Exception {
                try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(args[0]))) {
                    channel.write(ByteBuffer.wrap(("GET " + args[1] + " HTTP/1.1\\r\\nConnection: close\\r\\n\\r\\n").getBytes()));
                    System.out.write(Channels.newInputStream(channel).readAllBytes());
                    System.out.flush();
                }
            }
            """;

    @TempDir
    private Path directory;

    private Path groups;
    private Path socket;
    private ApiServer server;

    @BeforeEach
    void setUp() throws IOException {
        groups = directory.resolve("group");
        socket = directory.resolve("run/jubelet.sock");
        Files.writeString(groups, "root:x:0:\njubelets:x:1:\njubelet:x:" + GID + ":alice\n");
        Files.createDirectory(socket.getParent());
        Files.writeString(directory.resolve("Client.java"), CLIENT);
        open(directory);
        open(socket.getParent());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private static void open(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void serve() throws IOException {
        server = new ApiServer(
                socket,
                groups,
                Optional.of(ApiServer.GROUP),
                Optional.of(ADMINS),
                Duration.ofSeconds(20),
                new Endpoints(
                        StatusStores.sample(),
                        StatusStores.NODE,
                        Optional::empty,
                        new Sources(
                                _ -> List.of(),
                                (_, _, _) -> {},
                                ClusterSource.NONE,
                                Optional::empty,
                                Map.of("act", new Acting()))));
        server.bind();
        server.start();
    }

    /** Says who acts. */
    private static final class Acting implements RequestHandler {
        @Override
        public boolean acts(ApiRequest request) {
            return true;
        }

        @Override
        public void serve(ApiRequest request, ApiResponse response) throws IOException {
            response.write(request.client().identity().get().getBytes(StandardCharsets.UTF_8));
        }
    }

    private String get(int group) throws IOException, InterruptedException {
        return get(group, "/healthz");
    }

    /** What a user without rights gets, who is in a group besides the primary one. */
    private String get(int group, String path) throws IOException, InterruptedException {
        Process client = new ProcessBuilder(
                        "setpriv",
                        "--reuid=" + NOBODY,
                        "--regid=" + NOBODY,
                        "--groups=" + group,
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Duser.home=/nonexistent",
                        directory.resolve("Client.java").toString(),
                        socket.toString(),
                        path)
                .redirectErrorStream(true)
                .start();
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        client.waitFor();
        return output;
    }

    @Test
    @Tag("root")
    void letsInMembersBySupplementaryGroupAndNobodyElse() throws Exception {
        serve();
        assertEquals(GID, Files.getAttribute(socket, "unix:gid"));
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        String member = get(GID);
        assertTrue(member.startsWith("HTTP/1.1 200 OK"), member);
        String other = get(GID + 1);
        assertTrue(other.contains("Permission denied"), other);
    }

    @Test
    @Tag("root")
    void letsOnlyRootAndMembersOfTheOtherGroupAct() throws Exception {
        serve();
        String member = get(GID, "/act");
        assertTrue(member.startsWith("HTTP/1.1 403 "), member);
        assertTrue(member.contains("/act is for root and the members of group " + ADMINS), member);
        // The file of groups is read again for each request.
        Files.writeString(groups, ADMINS + ":x:77:alice,nobody\n", StandardOpenOption.APPEND);
        Files.writeString(directory.resolve("passwd"), "nobody:x:" + NOBODY + ":" + NOBODY + "::/:/bin/sh\n");
        String admin = get(GID, "/act");
        assertTrue(admin.startsWith("HTTP/1.1 200 OK"), admin);
        assertTrue(admin.endsWith("user nobody (uid " + NOBODY + ")"), admin);
        Files.writeString(groups, "jubelet:x:" + GID + ":\n" + ADMINS + ":x:77:nobodyelse\n");
        assertTrue(get(GID, "/act").startsWith("HTTP/1.1 403 "));
        String access = get(GID + 1, "/act");
        assertTrue(access.contains("Permission denied"), access);
        try (InputStream root = new LocalClient(socket).get("/act")) {
            assertTrue(new String(root.readAllBytes(), StandardCharsets.UTF_8).startsWith("user root"));
        }
    }

    @Test
    @Tag("root")
    void refusesOthersWhileTheModeIsOpen() throws Exception {
        serve();
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        String other = get(GID + 1);
        assertTrue(other.startsWith("HTTP/1.1 403 ") && other.contains("access denied"), other);
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
        String member = get(GID);
        assertTrue(member.startsWith("HTTP/1.1 200 OK"), member);
    }

    /** A directory with the set-group-ID bit gives its own group to what is made in it. */
    @Test
    @Tag("root")
    void groupOfTheDirectoryHasNoInfluence() throws Exception {
        Files.setAttribute(socket.getParent(), "unix:gid", GID + 1);
        Files.setAttribute(socket.getParent(), "unix:mode", 02755);
        serve();
        assertEquals(GID, Files.getAttribute(socket, "unix:gid"));
    }

    @Test
    void isForRootAloneWithoutTheGroup() throws Exception {
        Files.writeString(groups, "root:x:0:\njubelets:x:1:\n");
        serve();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        try (var files = Files.list(socket.getParent())) {
            assertEquals(List.of(socket), files.toList());
        }
    }

    @Test
    @Tag("root")
    void neverAdvisesToJoinTheGroupOfRoot() throws Exception {
        Files.writeString(groups, "");
        serve();
        String denied = LocalClient.denied(socket);
        assertFalse(denied.contains("join group"), denied);
        assertTrue(denied.contains("sudo groupadd --system jubelet"), denied);
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
        assertFalse(LocalClient.denied(socket).contains("join group root"));
    }

    @Test
    void survivesAMalformedGroupFile() throws Exception {
        Files.write(groups, new byte[] {(byte) 0xff, ':', '\n', ':', ':', '\n', 'x', '\n'});
        serve();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    }
}
