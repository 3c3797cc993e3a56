/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** A patch makes a status ours, whatever it was, but for what others added to it. */
class MirrorStatusPatchTest {

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }

    @Test
    void replacesAddressesAndTakesAwayWhatIsNotThere() {
        assertEquals(
                quoted("{'metadata':{'uid':'u'},'status':{'phase':'Pending','conditions':[{'type':'Ready',"
                        + "'status':'False','reason':'R','message':null}],'containerStatuses':[],"
                        + "'hostIPs':[{'$patch':'replace'},{'ip':'192.0.2.1'}],'podIPs':[{'$patch':'replace'}],"
                        + "'message':null,'reason':null,'podIP':null,'startTime':null,"
                        + "'initContainerStatuses':null,'ephemeralContainerStatuses':null}}"),
                MirrorStatusPatch.patch(
                                "u",
                                quoted(
                                        "{'phase':'Pending','conditions':[{'type':'Ready','status':'False','reason':'R'}],"
                                                + "'hostIP':'192.0.2.1','hostIPs':[{'ip':'192.0.2.1'}],'containerStatuses':[],"
                                                + "'qosClass':'BestEffort'}"))
                        .replace("\"hostIP\":\"192.0.2.1\",", ""));
    }

    @Test
    void knowsWhatIsNoStatus() {
        assertThrows(IllegalArgumentException.class, () -> MirrorStatusPatch.patch("u", "[]"));
    }
}
