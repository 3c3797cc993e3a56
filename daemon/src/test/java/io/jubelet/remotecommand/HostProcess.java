/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import io.jubelet.remotecommand.StreamServer.Message;
import io.jubelet.remotecommand.StreamServer.Peer;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Plays a container by running the commands on this machine. */
public final class HostProcess implements StreamServer.Script {

    @Override
    public void play(Peer peer) throws Exception {
        List<String> command =
                new QueryStringDecoder(peer.target()).parameters().getOrDefault("command", List.of());
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException notFound) {
            peer.send(3, "{\"status\":\"Failure\",\"message\":\"exec: executable file not found\",\"code\":500}");
            return;
        }
        Thread input = Thread.ofVirtual().start(() -> write(peer, process));
        Thread output = Thread.ofVirtual().start(() -> send(peer, 1, process.getInputStream()));
        Thread errors = Thread.ofVirtual().start(() -> send(peer, 2, process.getErrorStream()));
        output.join();
        errors.join();
        peer.exit(process.waitFor());
        input.interrupt();
    }

    private static void write(Peer peer, Process process) {
        try (OutputStream to = process.getOutputStream()) {
            Optional<Message> message = peer.receive();
            for (; message.isPresent() && message.get().channel() == 0; message = peer.receive()) {
                to.write(message.get().data());
                to.flush();
            }
        } catch (IOException | InterruptedException _) {
            // The process has ended.
        }
    }

    private static void send(Peer peer, int channel, InputStream from) {
        byte[] block = new byte[8192];
        try (from) {
            for (int read = from.read(block); read >= 0; read = from.read(block)) {
                peer.send(channel, Arrays.copyOf(block, read));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
