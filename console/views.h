// The views: each paints its part of the picture from the desk. Layouts: TERMINAL §6.1, §6.2.
#pragma once

#include "tui/surface.h"

struct desk;
struct board_counts;

// Rows 1 and 2: who, which view, mode, bus, clock; the alarm strip.
void frame_paint_top(struct desk *desk, struct surface *surface, const struct board_counts *counts);
// The last two rows: message or prompt, F-bar.
void frame_paint_bottom(struct desk *desk, struct surface *surface,
                        const struct board_counts *counts);
void frame_paint_too_small(struct desk *desk, struct surface *surface,
                           const struct board_counts *counts);

// Between top and bottom. The queue's last two rows are its status line, which ends in the head
// that has been applied ("#1234"), and the preview of the selected row.
void queue_paint(struct desk *desk, struct surface *surface, struct rect area,
                 const struct board_counts *counts);
void detail_paint(struct desk *desk, struct surface *surface, struct rect area);
// The same beside the queue.
void detail_paint_beside(struct desk *desk, struct surface *surface, struct rect area);
void shift_log_paint(struct desk *desk, struct surface *surface, struct rect area);
void planned_paint(struct desk *desk, struct surface *surface, struct rect area);
// The status line of any view: its left text, then the head.
void frame_paint_status(struct desk *desk, struct surface *surface, struct rect area, int row,
                        const char *text);
