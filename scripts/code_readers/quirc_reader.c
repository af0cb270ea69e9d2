/* Reads one QR code from grey pixels with quirc: the payload's length, or 0 if there is none. */

#include <string.h>
#include "quirc.h"

int read_code(const unsigned char *pixels, int width, int height, unsigned char *payload, int room)
{
	static struct quirc_code code;
	static struct quirc_data data;
	struct quirc *reader = quirc_new();
	int length = 0;

	if (reader != NULL && quirc_resize(reader, width, height) == 0) {
		memcpy(quirc_begin(reader, NULL, NULL), pixels, (size_t)width * (size_t)height);
		quirc_end(reader);
		for (int index = 0; index < quirc_count(reader) && length == 0; index++) {
			quirc_extract(reader, index, &code);
			if (quirc_decode(&code, &data) == QUIRC_SUCCESS && data.payload_len <= room) {
				length = data.payload_len;
				memcpy(payload, data.payload, (size_t)length);
			}
		}
	}
	if (reader != NULL)
		quirc_destroy(reader);
	return length;
}
