package io.jubelet.confinement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.IDMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserNamespacesTest {

    @TempDir
    private Path pods;

    private IDMapping of(String uid) throws IOException {
        Files.createDirectories(pods.resolve(uid));
        return new UserNamespaces(pods).of(uid);
    }

    @Test
    void everyPodHasIdsOfItsOwnAndKeepsThem() throws IOException {
        Set<Integer> hosts = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            IDMapping mapping = of("pod" + i);
            assertTrue(mapping.hostId() >= 65536 && mapping.hostId() % 65536 == 0, mapping::toString);
            assertEquals(0, mapping.containerId());
            assertEquals(65536, mapping.length());
            assertTrue(hosts.add(mapping.hostId()), mapping::toString);
            assertEquals(mapping, of("pod" + i));
        }
    }

    /** In Java these two have the same hash, and the second finds its first choice taken. */
    @Test
    void whoFindsItsRangeTakenHasTheNextOne() throws IOException {
        assertEquals("Aa".hashCode(), "BB".hashCode());
        int first = of("Aa").hostId();
        assertEquals(first + 65536, of("BB").hostId());
        Files.delete(pods.resolve("Aa/userns"));
        Files.delete(pods.resolve("Aa"));
        assertEquals(first + 65536, of("BB").hostId());
        assertEquals(first, of("Aa").hostId());
    }

    @Test
    void theFileIsThatOfTheKubelet() throws IOException {
        int host = of("pod").hostId();
        String mapping = "[{\"hostId\":" + host + ",\"containerId\":0,\"length\":65536}]";
        assertEquals(
                "{\"uidMappings\":" + mapping + ",\"gidMappings\":" + mapping + "}",
                Files.readString(pods.resolve("pod/userns")));
    }

    @Test
    void idsThatCannotBeReadAreNotReplacedByOthers() throws IOException {
        of("pod");
        Files.writeString(pods.resolve("pod/userns"), "{\"uidMappings\":[{\"hostId\":65536");
        IOException e = assertThrows(IOException.class, () -> of("pod"));
        assertTrue(e.getMessage().contains("pod/userns"), e::getMessage);
        assertThrows(IOException.class, () -> of("another"), "it could be given the same");
    }
}
