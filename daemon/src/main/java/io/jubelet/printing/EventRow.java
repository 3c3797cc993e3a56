/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** One event as a row of {@code get events}, or of the end of {@code describe pod}: the columns are those of kubectl. */
public final class EventRow {

    private EventRow() {}

    /** @param namespaces whether events of several namespaces may be shown */
    public static List<String> header(boolean namespaces, boolean wide) {
        List<String> header = new ArrayList<>();
        if (namespaces) {
            header.add("NAMESPACE");
        }
        header.addAll(List.of("LAST SEEN", "TYPE", "REASON", "OBJECT"));
        if (wide) {
            header.addAll(List.of("SUBOBJECT", "SOURCE", "MESSAGE", "FIRST SEEN", "COUNT", "NAME"));
        } else {
            header.add("MESSAGE");
        }
        return header;
    }

    /** The cells of a v1 Event. */
    public static List<String> of(Json event, boolean namespaces, boolean wide, Instant now) {
        List<String> row = new ArrayList<>();
        if (namespaces) {
            row.add(event.at("metadata", "namespace").text());
        }
        row.add(Age.since(event.at("lastTimestamp").moment(), now));
        row.add(event.at("type").text());
        row.add(event.at("reason").text());
        row.add(event.at("involvedObject", "kind").text().toLowerCase(Locale.ROOT) + "/"
                + event.at("involvedObject", "name").text());
        if (wide) {
            row.add(event.at("involvedObject", "fieldPath").text());
            row.add(event.at("source", "component").text() + ", "
                    + event.at("source", "host").text());
        }
        row.add(wide ? event.at("message").text().strip() : message(event));
        if (wide) {
            row.add(Age.since(event.at("firstTimestamp").moment(), now));
            row.add(Integer.toString(event.at("count").number()));
            row.add(event.at("metadata", "name").text());
        }
        return row;
    }

    /** The message, after the name of the container that the event is of and the message does not name. */
    private static String message(Json event) {
        String message = event.at("message").text().strip();
        String path = event.at("involvedObject", "fieldPath").text();
        int open = path.indexOf('{');
        if (open < 0 || !path.endsWith("}")) {
            return message;
        }
        String container = path.substring(open + 1, path.length() - 1);
        boolean named = Pattern.compile("\\b" + Pattern.quote(container) + "\\b")
                .matcher(message)
                .find();
        return named ? message : container + ": " + message;
    }

    /** The section at the end of a description. */
    public static String section(List<Json> events, Instant now) {
        if (events.isEmpty()) {
            return "Events:           <none>\n";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Type", "Reason", "Age", "From", "Message"));
        rows.add(List.of("----", "------", "----", "----", "-------"));
        for (Json event : events) {
            String age = Age.since(event.at("lastTimestamp").moment(), now);
            int count = event.at("count").number();
            rows.add(List.of(
                    event.at("type").text(),
                    event.at("reason").text(),
                    count > 1
                            ? age + " (x" + count + " over "
                                    + Age.since(event.at("firstTimestamp").moment(), now) + ")"
                            : age,
                    event.at("source", "component").text(),
                    message(event)));
        }
        int[] widths = new int[4];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], Table.printable(row.get(i)).length());
            }
        });
        StringBuilder out = new StringBuilder("Events:\n");
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                String cell = Table.printable(row.get(i));
                out.append("  ").append(cell).repeat(' ', widths[i] - cell.length());
            }
            out.append("  ").append(Table.printable(row.getLast())).append('\n');
        }
        return out.toString();
    }
}
