package io.jubelet.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** Passes bytes between a runtime and a registry: as many as it is allowed, and it may hang up. */
final class RegistryProxy implements AutoCloseable {

    private static final int PIECE = 16 * 1024;

    private final ServerSocket listener;
    private final int target;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    /** How many pieces of answers may pass. */
    private final Semaphore allowed = new Semaphore(0);

    private final AtomicLong passed = new AtomicLong();

    /** @param target the port of the registry */
    RegistryProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("registry-proxy").start(this::accept);
    }

    String host() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Lets so many more bytes of answers pass. */
    void allow(long bytes) {
        allowed.release((int) (bytes / PIECE));
    }

    /** How many bytes of answers have passed. */
    long passed() {
        return passed.get();
    }

    /** Cuts all connections; new ones are accepted. */
    void cut() throws IOException {
        for (Socket socket = open.poll(); socket != null; socket = open.poll()) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
        allowed.release(1 << 20);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(server);
                Thread.ofVirtual().name("registry-questions").start(() -> pass(client, server, false));
                Thread.ofVirtual().name("registry-answers").start(() -> pass(server, client, true));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] piece = new byte[PIECE];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                if (answers) {
                    allowed.acquire();
                    passed.addAndGet(n);
                }
                out.write(piece, 0, n);
            }
        } catch (IOException e) {
            return; // closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
