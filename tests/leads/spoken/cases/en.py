"""What callers say in English, and what it means."""

PHONES = """
my number is nine eight four zero nine five zero nine five zero | 9840950950
nine eight double four oh nine five oh nine five | 9844095095
nine eight seven six five four three two one nought | 9876543210
ninety eight forty ninety five zero nine fifty | 9840950950
ninety eight seventy six fifty four thirty two ten | 9876543210
ninety eight seven six five four three two one | 9087654321
ninety-nine ninety-nine eighty eighty-one eighty-two | 9999808182
seventy three eighty nine sixty five sixty seven fifty nine | 7389656759
seventy five twenty five twenty six forty seven forty eight | 7525264748
six three double zero double one double two three four | 6300112234
seven triple zero one two three four five six | 7000123456
98409 50950 is my mobile | 9840950950
9840950950 | 9840950950
+91 98409 50950 | 9840950950
+91-98409-50950 | 9840950950
0 98409 50950 | 9840950950
0091 9840950950 | 9840950950
91 98409 50950 | 9840950950
plus nine one nine eight four zero nine five zero nine five zero | 9840950950
plus ninety one, ninety eight four zero nine five zero nine five zero | 9840950950
nine eight four, then zero nine five, and zero nine five zero | 9840950950
98 four zero 95 zero nine fifty | 9840950950
984-095-0950 | 9840950950
9840950950 or 7012345678 | 9840950950 7012345678
9840950950 9840950951 | 9840950950 9840950951
nau aath chaar zero nau paanch zero nau paanch zero | 9840950950
नाइन एट फोर जीरो नाइन फाइव जीरो नाइन फाइव जीरो | 9840950950
nine hundred eighty four zero nine five zero nine five zero | 9840950950
flat 4, 98409 50950 | 9840950950
call me on nine eight for zero nine five zero nine five zero | 9840950950
it is nine eight four zero nine five zero nine five one, sorry, nine eight four zero nine five zero nine five zero | 9840950950
call 044-24345678 | 4424345678
reach me at +1 415 555 2671 | +14155552671
+971 50 123 4567 in Dubai | +971501234567
"""

NO_PHONE = """
9198 4095 0950
give me one minute please
are you open twenty four seven
my aadhaar is 9840 9509 5012
the OTP is 984095
my budget is 65 to 75 lakh
rent of 65000-75000 is fine
65000 and 75000 are both fine
pin code 560001
my number is nine eight four zero nine five
one two three four five six seven eight nine zero
account number 9840950950
we bought it in 2019, on 15 March
seven or eight of us will come at six
I need a 2 BHK, 1200 square feet
toll free 1800 425 1234
card number 6521 9840 9509 5012
it costs Rs 9840950950
"""

AMOUNTS = """
my budget is 1.5 lakh | 150000
two and a half lakhs | 250000
half a crore | 5000000
two point five crore | 25000000
₹ 50k | 50000
fifty thousand | 50000
two lakh fifty thousand rupees | 250000
five thousand two hundred and fifty rupees | 5250
fifty to sixty lakhs | 5000000 6000000
Rs. 1,50,000 | 150000
1 crore 20 lakh | 12000000
80L | 8000000
2 cr | 20000000
nine hundred rupees | 900
3 BHK for 4 people |
"""

PINS = """
pin code 560 001 | 560001
five six zero zero zero one | 560001
my OTP is 560001 |
98409 50950, pin 600017 | 600017
budget 500000 |
"""

EMAILS = """
priya underscore 22 at the rate yahoo dot co dot in | priya_22@yahoo.co.in
s u r e s h at the rate of gmail dot com | suresh@gmail.com
ravi at gmail dot com | ravi@gmail.com
my email is ravi kumar 92 at gmail dot com | ravikumar92@gmail.com
send it to ravi dot kumar at yahoo dot co dot in thanks | ravi.kumar@yahoo.co.in
r a v i double four at outlook dot com | ravi44@outlook.com
it is Ravi.Kumar@Gmail.com | ravi.kumar@gmail.com
sunita underscore rao at company dot in | sunita_rao@company.in
meet me at the dot com office |
"""

DATES = """
tomorrow at 5:30 pm | 2026-11-24 17:30
day after tomorrow at half past five | 2026-11-25 05:30
yesterday | 2026-11-22 -
today at three in the afternoon | 2026-11-23 15:00
next Tuesday | 2026-12-01 - ?
this Saturday at eleven am | 2026-11-28 11:00
on the 15th | 2026-12-15 - ?
15 March | 2027-03-15 -
March 15th 2028 | 2028-03-15 -
15/12/2026 | 2026-12-15 -
in three days | 2026-11-26 -
kal shaam | 2026-11-24 - ?
quarter to seven in the morning | - 06:45
we need three rooms |
"""
